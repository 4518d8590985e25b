/** A thousand of the recipes and links of properties.verify.ts. */
import { testProperties } from "../support/recipe-properties";

testProperties(0.1);
