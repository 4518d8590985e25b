/** What a person should know of the preprocessing as it stands: that it is an assumption, what fits the network's origin, and what fitted better in the last run. */
import { useTranslation } from "react-i18next";
import { isSamePreprocessing, PREPROCESSING_NAMES, PREPROCESSING_PRESETS, presetOf, presetPreprocessing } from "../../data/preprocessing-presets";
import type { Advice } from "../../session/run/preprocessing-check";
import { useLab } from "../state/react";
import { Button } from "../ui/button";
import { Choice } from "../ui/choice";
import { useBusy } from "./bound";
import { guessPreprocessing } from "./guess";
import styles from "./recipe.module.css";

/** The conventions by name: one of them sets all of the preprocessing, with sizes for this network. */
export function ConventionChoice(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const preprocessing = useLab((lab) => lab.recipe.preprocessing);
  const input = useLab((lab) => lab.view.network?.input ?? null);
  const change = useLab((lab) => lab.change);
  const isDisabled = useBusy();
  return (
    <Choice
      label={t("preprocessing.convention.label")}
      help={t("preprocessing.convention.help")}
      value={presetOf(preprocessing, input) ?? ""}
      options={[
        ["", t("preprocessing.convention.none")] as const,
        ...PREPROCESSING_NAMES.map((name) => [name, PREPROCESSING_PRESETS[name].title] as const),
      ]}
      isDisabled={isDisabled}
      onChange={(name) => {
        if (name) change({ preprocessing: presetPreprocessing(name, input) });
      }}
    />
  );
}

/** Says that the preprocessing is an assumption, until a person chooses or confirms one. */
export function Assumption(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const assumed = useLab((lab) => lab.preprocessingAssumed);
  const model = useLab((lab) => lab.recipe.model);
  const network = useLab((lab) => lab.view.network);
  const change = useLab((lab) => lab.change);
  const confirm = useLab((lab) => lab.confirmPreprocessing);
  const busy = useBusy();
  const doubt = useLab((lab) => lab.view.doubt);
  // What was seen of the images says more than what is assumed.
  if (!assumed || doubt) return null;
  const guess = network && guessPreprocessing(model, network);
  return (
    <div className={styles.notice} role="note">
      <p>{t("preprocessing.assumed", { name: model.name })}</p>
      <ConventionChoice />
      {guess ? (
        <Button look="quiet" isDisabled={busy} onPress={() => change({ preprocessing: presetPreprocessing(guess.preset, network.input) })}>
          {t("preprocessing.guess", { convention: PREPROCESSING_PRESETS[guess.preset].title, reason: t(`preprocessing.reason.${guess.reason}`) })}
        </Button>
      ) : null}
      <Button look="quiet" isDisabled={busy} onPress={confirm}>
        {t("preprocessing.confirm")}
      </Button>
    </div>
  );
}

/** What speaks against the preprocessing before anything runs; gone as soon as it is taken. */
export function Doubt(): React.ReactNode {
  const doubt = useLab((lab) => lab.view.doubt);
  const preprocessing = useLab((lab) => lab.recipe.preprocessing);
  return doubt && !isSamePreprocessing(doubt.preprocessing, preprocessing) ? <Fitting advice={doubt} look="primary" /> : null;
}

/** What fitted better in the last run: it stays when it is taken, for that run is still in sight. */
export function TakeAdvice(): React.ReactNode {
  const advice = useLab((lab) => lab.view.advice);
  return advice ? <Fitting advice={advice} look="quiet" /> : null;
}

/** A preprocessing under which the network is clearly better, by one click. */
function Fitting({ advice, look }: { readonly advice: Advice; readonly look: "primary" | "quiet" }): React.ReactNode {
  const { t } = useTranslation("recipe");
  const taken = useLab((lab) => isSamePreprocessing(advice.preprocessing, lab.recipe.preprocessing));
  const change = useLab((lab) => lab.change);
  const busy = useBusy();
  return (
    <div className={styles.notice} role="note">
      <p lang="en">{advice.message}</p>
      <Button look={look} isDisabled={busy || taken} onPress={() => change({ preprocessing: advice.preprocessing })}>
        {t(taken ? "preprocessing.adviceTaken" : "preprocessing.takeAdvice")}
      </Button>
    </div>
  );
}
