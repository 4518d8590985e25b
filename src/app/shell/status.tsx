/**
 * What the lab is doing and how far it is. A screen reader hears the phases and the end, not every step of the bar: those
 * are the value of a progress bar, which it reads when it is asked.
 */
import { useTranslation } from "react-i18next";
import { useFormat } from "../i18n/format";
import { useLab } from "../state/react";
import { isBusy, type View } from "../state/view";
import styles from "./status.module.css";

/** What is done at the moment, in the page's language. */
export function useDoing(): string {
  const { t } = useTranslation("shell");
  const state = useLab((lab) => lab.view.state);
  const doing = useLab((lab) => lab.view.progress?.doing);
  const text = useLab((lab) => lab.view.progress?.text);
  const paused = useLab((lab) => lab.view.paused);
  if (!isBusy(state)) return "";
  if (paused) return t("status.paused");
  if (!doing) return text ?? t(`status.${state}` as "status.loading");
  switch (doing.what) {
    case "evaluating":
      return t(`doing.evaluating.${doing.which}`);
    case "unit":
      return t(doing.phase === "weights" ? "doing.weights" : "doing.activations", { unit: doing.unit, index: doing.index + 1, count: doing.count });
    case "other":
      return doing.text;
    default:
      return t(`doing.${doing.what}`);
  }
}

function useStateText(): string {
  const { t } = useTranslation("shell");
  const format = useFormat();
  const state = useLab((lab) => lab.view.state);
  const seconds = useLab((lab) => lab.view.seconds);
  if (state === "done") return seconds === null ? t("status.doneNoTime") : t("status.done", { time: format.duration(seconds) });
  return t(`status.${state}`);
}

export function Status(): React.ReactNode {
  const { t } = useTranslation("shell");
  const format = useFormat();
  const state = useLab((lab) => lab.view.state);
  const progress = useLab((lab) => lab.view.progress);
  const device = useLab((lab) => lab.view.device);
  const doing = useDoing();
  const stateText = useStateText();
  const busy = isBusy(state);
  const left = progress?.secondsLeft ?? null;
  const percent = Math.round((progress?.fraction ?? 0) * 100);
  return (
    <div className={styles.status}>
      <div className={styles.line}>
        <span className={styles.doing}>{busy ? doing : stateText}</span>
        {busy && left !== null ? <span className={styles.left}>{t("status.left", { time: format.duration(left) })}</span> : null}
      </div>
      {busy ? (
        <div className={styles.bar} role="progressbar" aria-label={doing} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
          <div className={styles.done} style={{ width: `${percent}%` }} />
        </div>
      ) : (
        <small className={styles.device} title={device?.reason}>
          {device ? t("header.device", { device: deviceText(device) }) : t("header.deviceWaiting")}
        </small>
      )}
      <span className="visually-hidden" role="status" data-state={state}>
        {busy ? t(`status.${state}`) : stateText}
      </span>
    </div>
  );
}

function deviceText({ description }: NonNullable<View["device"]>): string {
  return description;
}
