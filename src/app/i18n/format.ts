/** Numbers, sizes, times and dates as the page's language writes them. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

export interface Format {
  /** A whole number with its thousands separated. */
  count(value: number): string;
  /** Three significant digits. */
  digits(value: number): string;
  /** Of 100: "95.0 %", "95,0 %". */
  percent(value: number, digits?: number): string;
  /** A difference in percentage points, with its sign. */
  points(value: number): string;
  /** Bytes in decimal kB or MB. */
  bytes(value: number): string;
  /** A number with k, M, G after it. */
  short(value: number): string;
  /** Seconds, from a minute on with minutes. */
  duration(seconds: number): string;
  /** Date and time. */
  date(value: number | Date): string;
  /** The date alone. */
  day(value: number | Date): string;
}

export function formatFor(language: string): Format {
  // To make a format takes as long as to use it a hundred times.
  const made = new Map<string, Intl.NumberFormat>();
  const number = (options?: Intl.NumberFormatOptions) => {
    const key = JSON.stringify(options ?? {});
    const format = made.get(key) ?? new Intl.NumberFormat(language, options);
    made.set(key, format);
    return format;
  };
  const whole = number({ maximumFractionDigits: 0 });
  const significant = number({ maximumSignificantDigits: 3 });
  const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
  const dates = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const days = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
  const fixed = (digits: number) => number({ minimumFractionDigits: digits, maximumFractionDigits: digits });
  const unit = (value: number, name: string, digits: number) =>
    number({ style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: digits }).format(value);
  return {
    count: (value) => whole.format(value),
    digits: (value) => (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6) ? value.toExponential(2) : significant.format(value)),
    percent: (value, digits = 1) => `${fixed(digits).format(value)}\u00a0%`,
    points: (value) => number({ minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: "exceptZero" }).format(value),
    bytes(value) {
      const [scaled, name] = value >= 1e6 ? [value / 1e6, "MB"] : value >= 1e3 ? [value / 1e3, "kB"] : [value, "B"];
      const digits = name === "B" ? 0 : scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2;
      return `${fixed(digits).format(scaled)}\u00a0${name}`;
    },
    short: (value) => compact.format(value),
    duration(seconds) {
      if (seconds < 59.5) return unit(Math.max(1, Math.round(seconds)), "second", 0);
      const minutes = Math.floor(Math.round(seconds) / 60);
      if (minutes >= 60) return `${unit(Math.floor(minutes / 60), "hour", 0)} ${unit(minutes % 60, "minute", 0)}`;
      return `${unit(minutes, "minute", 0)} ${unit(Math.round(seconds) % 60, "second", 0)}`;
    },
    date: (value) => dates.format(value),
    day: (value) => days.format(value),
  };
}

export function useFormat(): Format {
  const { i18n } = useTranslation();
  return useMemo(() => formatFor(i18n.language), [i18n.language]);
}
