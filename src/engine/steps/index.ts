/**
 * The vocabulary of a Program. Each step names the buffers that it reads and writes and carries its
 * static shapes; what it computes is said here once and implemented by each device.
 */
export * from "./access";
export * from "./constants";
export * from "./general";
export * from "./geometry";
export * from "./losses";
export * from "./quantizing";
export * from "./step";
