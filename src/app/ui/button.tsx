/** A button, for the main deed ("primary"), the others, and those that look like text ("quiet"). */
import { Button as AriaButton, type ButtonProps as AriaProps } from "react-aria-components";
import styles from "./button.module.css";

export interface ButtonProps extends Omit<AriaProps, "className" | "children"> {
  readonly look?: "primary" | "plain" | "quiet";
  /** Wide as what it stands in. */
  readonly wide?: boolean;
  readonly children: React.ReactNode;
}

export function Button({ look = "plain", wide = false, ...props }: ButtonProps): React.ReactNode {
  return <AriaButton {...props} className={`${styles.button} ${styles[look]} ${wide ? styles.wide : ""}`} />;
}
