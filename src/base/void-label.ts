/** The label of positions that belong to no class: they are not judged (Pascal VOC's and Cityscapes' convention). */
export const VOID_LABEL = 255;
