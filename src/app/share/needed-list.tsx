/** The files that a shared result was made with and that are missing, all at once: by name and hash, from a host, or from the person. */

import { FileTrigger } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { useFormat } from "../i18n/format";
import { chosenFiles, sentFiles } from "../recipe/sent-files";
import type { Needed } from "../state/opened";
import { useLab } from "../state/react";
import { Button } from "../ui/button";
import { assignFiles } from "./assign";
import { type Fetching, hostNamed, whyNotAsked } from "./fetching";
import styles from "./shared-result.module.css";

interface NeededListProps {
  readonly needed: readonly Needed[];
  readonly fetching: Fetching;
}

export function NeededList({ needed, fetching }: NeededListProps): React.ReactNode {
  const { t } = useTranslation("share");
  const hosts = [...new Set(needed.flatMap((one) => hostNamed(one) ?? []))];
  if (needed.length === 0) return null;
  return (
    <div className={styles.files}>
      <p>{t("needed.title")}</p>
      <ul className={styles.files}>
        {needed.map((one) => (
          <li key={one.role} className={styles.file}>
            <span className={styles.name}>
              {t(`needed.${one.role}`)}: <b>{one.files.name}</b>{" "}
              <code>{one.files.sha256 ? t("needed.hash", { hash: one.files.sha256.slice(0, 12) }) : t("needed.noHash")}</code>
            </span>
            <OneFile one={one} all={needed} fetching={fetching} />
          </li>
        ))}
      </ul>
      {hosts.length > 0 ? <p className={styles.note}>{t("needed.asks", { hosts: hosts.join(", ") })}</p> : null}
      {needed.some((one) => hostNamed(one) === null) ? <p className={styles.note}>{t("needed.drop")}</p> : null}
    </div>
  );
}

interface OneFileProps extends Pick<NeededListProps, "fetching"> {
  readonly one: Needed;
  readonly all: readonly Needed[];
}

function OneFile({ one, all, fetching }: OneFileProps): React.ReactNode {
  const { t } = useTranslation("share");
  const format = useFormat();
  const choose = useLab((lab) => lab.choose);
  const host = hostNamed(one);
  const refused = whyNotAsked(one);
  const { name } = one.files;
  if (fetching.now?.needed.role === one.role) {
    const { received, total } = fetching.now;
    const size = total === null ? format.bytes(received) : t("needed.size", { received: format.bytes(received), total: format.bytes(total) });
    return (
      <>
        <span role="status">
          {t("needed.fetching", { name, host })} ({size})
        </span>
        <Button onPress={fetching.stop}>{t("needed.stop")}</Button>
      </>
    );
  }
  const take = (list: FileList | null) => {
    if (!list || list.length === 0) return;
    const files = chosenFiles(list);
    const assigned = assignFiles(all, files);
    // What is chosen here by another name is for here.
    const own = assigned.some(({ needed }) => needed.role === one.role) ? assigned : [...assigned, { needed: one, files }];
    for (const { needed, files: found } of own) choose(needed.role, sentFiles(found), null);
  };
  return (
    <>
      {refused ? <span role="alert">{refused}</span> : null}
      {host ? (
        <Button onPress={() => void fetching.fetch([one])} isDisabled={fetching.now !== null}>
          {t("needed.fetch", { name, host })}
        </Button>
      ) : null}
      <FileTrigger allowsMultiple onSelect={take}>
        <Button look={host ? "quiet" : "plain"}>{t("needed.choose", { name })}</Button>
      </FileTrigger>
    </>
  );
}
