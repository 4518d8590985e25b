/** What is reconstructed at once (BRECQ, section 3.2): a layer, a block, the blocks of one spatial size, or the whole net. */
export const UNIT_KINDS = ["layer", "block", "stage", "net"] as const;
export type UnitKind = (typeof UNIT_KINDS)[number];
