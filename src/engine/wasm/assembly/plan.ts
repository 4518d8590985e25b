/**
 * Replays a plan: rows of 48 words, the first an opcode, executed in order for each iteration by every
 * thread, with a barrier between rows. Nothing leaves WebAssembly between the first row of the first
 * iteration and the last row of the last.
 */
import { adam, columnSums, straightThroughAdam } from "./adam";
import { gather, scatter } from "./dataset-tensor";
import { barrier } from "./barrier";
import { contract } from "./contract";
import { convRows, packKernel } from "./conv";
import { depthwise } from "./depthwise";
import { depthwiseFilterGrad } from "./depthwise-filter";
import { filterGrad } from "./filter";
import { fullError } from "./full-error";
import { record, square, squaredError } from "./loss";
import { add, clamp, copy, fill, mask } from "./pointwise";
import { averagePool, averagePoolGrad, maxPool, maxPoolGrad } from "./pool";
import { fakeQuantize, fakeQuantizeGrad, mix } from "./quantize";
import { resample } from "./resample";
import { roundAdam } from "./rounding";
import { scaleErrors } from "./scale";
import { klDivergence, softmax, softmaxGrad } from "./softmax";
import { unary, unaryGrad } from "./unary";
import { winogradFilterGrad } from "./winograd-filter";
import { winogradKernel } from "./winograd-kernel";
import { winogradConv } from "./winograd";

const ROW_BYTES: usize = 192;

function execute(opcode: i32, row: usize, tid: i32, threads: i32, iteration: i32): void {
  switch (opcode) {
    case 1:
      return packKernel(row, tid, threads);
    case 2:
      return convRows(row, tid, threads);
    case 3:
      return filterGrad(row, tid, threads);
    case 4:
      return depthwise(row, tid, threads);
    case 6:
      return depthwiseFilterGrad(row, tid, threads);
    case 7:
      return clamp(row, tid, threads);
    case 8:
      return mask(row, tid, threads);
    case 9:
      return add(row, tid, threads);
    case 10:
      return copy(row, tid, threads);
    case 11:
      return fill(row, tid, threads);
    case 12:
      return maxPool(row, tid, threads);
    case 13:
      return maxPoolGrad(row, tid, threads);
    case 14:
      return averagePool(row, tid, threads);
    case 15:
      return averagePoolGrad(row, tid, threads);
    case 16:
      return softmax(row, tid, threads);
    case 17:
      return softmaxGrad(row, tid, threads);
    case 18:
      return gather(row, tid, threads, iteration);
    case 19:
      return scatter(row, tid, threads, iteration);
    case 20:
      return fullError(row, tid, threads);
    case 21:
      return roundAdam(row, tid, threads, iteration);
    case 22:
      return squaredError(row, tid, threads);
    case 23:
      return klDivergence(row, tid);
    case 24:
      return square(row, tid, threads);
    case 25:
      return record(row, tid, iteration);
    case 26:
      return winogradKernel(row, tid, threads);
    case 27:
      return winogradConv(row, tid, threads);
    case 28:
      return winogradFilterGrad(row, tid, threads);
    case 29:
      return fakeQuantize(row, tid, threads, iteration);
    case 30:
      return fakeQuantizeGrad(row, tid, threads, iteration);
    case 31:
      return mix(row, tid, threads, iteration);
    case 32:
      return columnSums(row, tid, threads);
    case 33:
      return adam(row, tid, threads, iteration);
    case 34:
      return straightThroughAdam(row, tid, threads, iteration);
    case 35:
      return scaleErrors(row, tid, threads);
    case 36:
      return unary(row, tid, threads);
    case 37:
      return unaryGrad(row, tid, threads);
    case 38:
      return contract(row, tid, threads);
    case 39:
      return resample(row, tid, threads);
    default:
      unreachable();
  }
}

/** Runs iterations [first, last) of a plan as thread `tid` of `threads`. */
export function run(plan: usize, rows: i32, first: i32, last: i32, tid: i32, threads: i32): void {
  for (let iteration = first; iteration < last; iteration++) {
    for (let i = 0; i < rows; i++) {
      const row = plan + <usize>i * ROW_BYTES;
      execute(load<i32>(row), row + 4, tid, threads, iteration);
      barrier(threads);
    }
  }
}
