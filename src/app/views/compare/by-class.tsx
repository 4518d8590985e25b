/** Where runs differ in their classes: what each gets right of every class, and what it takes for what. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../i18n/format";
import type { KeptRun } from "../../runs/record";
import { Button } from "../../ui/button";
import table from "../../ui/table.module.css";
import styles from "./compare.module.css";
import { classRows, confusedRows } from "./differences";

/** Rows at first, and confusions. */
const [FIRST, CONFUSIONS] = [12, 10];

export function ByClass({ chosen }: { readonly chosen: readonly KeptRun[] }): React.ReactNode {
  const { t } = useTranslation("compare");
  const format = useFormat();
  const [all, setAll] = useState(false);
  const rows = classRows(chosen);
  const confused = chosen.length > 1 ? confusedRows(chosen, CONFUSIONS) : [];
  const names = chosen.map(({ id, name }) => (
    <th key={id} scope="col">
      {name}
    </th>
  ));
  return (
    <section className={styles.part}>
      <h3>{t("classes.title")}</h3>
      {rows === null ? (
        <p className={styles.dim}>{t("classes.none")}</p>
      ) : (
        <>
          <p className={styles.dim}>{t("classes.intro")}</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
          <section className={table.scroll} tabIndex={0} aria-label={t("classes.title")}>
            <table className={table.table} data-classes={rows.length}>
              <thead>
                <tr>
                  <th scope="col">{t("classes.class")}</th>
                  <th scope="col">{t("classes.images")}</th>
                  <th scope="col">{t("runs.full")}</th>
                  {names}
                  {chosen.length > 1 ? <th scope="col">{t("classes.spread")}</th> : null}
                </tr>
              </thead>
              <tbody>
                {rows.slice(0, all ? rows.length : FIRST).map(({ name, count, full, values, spread }) => (
                  <tr key={name}>
                    <th scope="row">{name}</th>
                    <td>{format.count(count)}</td>
                    <td>{format.percent(full)}</td>
                    {chosen.map(({ id }, i) => (
                      <td key={id}>{format.percent(values[i] as number)}</td>
                    ))}
                    {chosen.length > 1 ? <td>{format.points(spread)}</td> : null}
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          {rows.length > FIRST && !all ? (
            <Button look="quiet" onPress={() => setAll(true)}>
              {t("classes.more", { count: rows.length })}
            </Button>
          ) : null}
        </>
      )}
      {confused.length > 0 ? (
        <>
          <h4>{t("classes.confused")}</h4>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
          <section className={table.scroll} tabIndex={0} aria-label={t("classes.confused")}>
            <table className={table.table}>
              <thead>
                <tr>
                  <th scope="col">{t("classes.confusion")}</th>
                  {names}
                </tr>
              </thead>
              <tbody>
                {confused.map(({ label, said, counts }) => (
                  <tr key={`${label}\n${said}`}>
                    <th scope="row">{t("classes.taken", { label, said })}</th>
                    {chosen.map(({ id }, i) => (
                      <td key={id}>{format.count(counts[i] as number)}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        </>
      ) : null}
    </section>
  );
}
