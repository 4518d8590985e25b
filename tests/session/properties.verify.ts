/** Ten thousand recipes and links, random and mutated, are read as they were or refused with a reason. */
import { testProperties } from "../support/recipe-properties";

testProperties(1);
