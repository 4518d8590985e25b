/** The network, its images, and how pictures become its input. */
import { useTranslation } from "react-i18next";
import { demoRecipe } from "../../session/recipe/defaults";
import { BUILTIN_MODELS } from "../../session/recipe/recipe";
import type { ImagesRole } from "../state/files";
import { missingInputs } from "../state/files";
import { neededFiles } from "../state/opened";
import { usePlace } from "../state/place";
import { useLab } from "../state/react";
import { recipeAsk, useRecipeAsked } from "../state/recipe-ask";
import { Button } from "../ui/button";
import { Choice } from "../ui/choice";
import { NumberField } from "../ui/number-field";
import { Section } from "../ui/section";
import { useBusy, useInRange } from "./bound";
import { FileField } from "./file-field";
import { PreprocessingFields } from "./preprocessing-fields";
import { PreviewStrip } from "./preview-strip";

const DEMO = demoRecipe();

export function DataSection(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const { model, calibration, evaluation } = useLab((lab) => lab.recipe);
  const hidesFiles = usePlace((place) => place.hide.has("files"));
  // What needs a person's hand is not hidden behind a title.
  const needed = useLab(
    (lab) => missingInputs(lab).length > 0 || neededFiles(lab.recipe, lab.files).length > 0 || Object.keys(lab.refused).length > 0,
  );
  const isAsked = useRecipeAsked();
  const own = [model, calibration, evaluation].some((input) => input !== null && input.kind !== "builtin");
  const images = calibration.kind === "builtin" ? t("files.shapes") : calibration.name;
  const summary = `${model.kind === "builtin" ? t(`models.short.${model.name}`) : model.name} · ${images}`;
  return (
    <Section title={t("sections.data")} summary={summary} isOpen={needed} isAsked={isAsked} onShown={recipeAsk.getState().answer}>
      {hidesFiles ? null : <NetworkField />}
      <DemoChoice />
      {hidesFiles ? null : <ImagesField files="calibration" />}
      {hidesFiles ? null : <ImagesField files="evaluation" />}
      {own ? <PreprocessingFields /> : null}
      <PreviewStrip files="calibration" />
      <PreviewStrip files="evaluation" />
    </Section>
  );
}

function NetworkField(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const own = useLab((lab) => lab.recipe.model.kind !== "builtin");
  const takeDemo = useLab((lab) => lab.takeDemo);
  return <FileField files="model" wayBack={own ? { text: t("takeDemo"), reset: () => takeDemo() } : null} />;
}

function DemoChoice(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const model = useLab((lab) => lab.recipe.model);
  const takeDemo = useLab((lab) => lab.takeDemo);
  const busy = useBusy();
  const standard = DEMO.model.kind === "builtin" ? DEMO.model.name : BUILTIN_MODELS[0];
  return (
    <Choice
      label={t("demo.label")}
      help={t("demo.help")}
      value={model.kind === "builtin" ? model.name : ""}
      options={[
        ...(model.kind === "file" ? [["", t("demo.none")] as const] : []),
        ...BUILTIN_MODELS.map((name) => [name, t(`models.${name}`)] as const),
      ]}
      isDisabled={busy}
      wayBack={model.kind === "builtin" && model.name !== standard ? { text: t(`models.short.${standard}`), reset: () => takeDemo(standard) } : null}
      onChange={(name) => {
        if (name) takeDemo(name);
      }}
    />
  );
}

function ImagesField({ files: role }: { readonly files: ImagesRole }): React.ReactNode {
  const { t } = useTranslation("recipe");
  const images = useLab((lab) => lab.recipe[role]);
  const builtinModel = useLab((lab) => lab.recipe.model.kind === "builtin");
  const takeBuiltin = useLab((lab) => lab.takeBuiltinImages);
  const change = useLab((lab) => lab.change);
  const busy = useBusy();
  const isBuiltin = images?.kind === "builtin";
  const back = builtinModel && !isBuiltin ? { text: t("files.shapes"), reset: () => takeBuiltin(role) } : null;
  return (
    <FileField files={role} wayBack={back}>
      {role === "evaluation" && images !== null ? (
        <Button look="quiet" isDisabled={busy} onPress={() => change({ evaluation: null })}>
          {t("files.noTest")}
        </Button>
      ) : null}
      {images ? <CountField files={role} /> : null}
    </FileField>
  );
}

/** How many of the images are used, from the first on. */
function CountField({ files: role }: { readonly files: ImagesRole }): React.ReactNode {
  const { t } = useTranslation("recipe");
  const images = useLab((lab) => lab.recipe[role]);
  const change = useLab((lab) => lab.change);
  const busy = useBusy();
  const inRange = useInRange(1, images?.kind === "builtin" ? 20000 : 10_000_000, true);
  if (!images) return null;
  const standard = images.kind === "builtin" ? (DEMO[role]?.count ?? null) : null;
  const set = (count: number | null) => {
    if (images.kind === "files") change({ [role]: { ...images, count } });
    else if (count !== null) change({ [role]: { ...images, count } });
  };
  return (
    <NumberField<number | null>
      label={t(`files.${role}.count`)}
      help={t(images.kind === "builtin" ? "files.countBuiltin" : "files.count")}
      value={images.count}
      isDisabled={busy}
      wayBack={images.count === standard ? null : { text: standard === null ? t("files.all") : String(standard), reset: () => set(standard) }}
      inputMode="numeric"
      placeholder={t("files.all")}
      format={(count) => (count === null ? "" : String(count))}
      parse={(text) => (images.kind === "files" && text.trim() === "" ? { value: null } : inRange(text))}
      onChange={set}
    />
  );
}
