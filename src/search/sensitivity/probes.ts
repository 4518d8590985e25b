/**
 * Random probes of a network's curvature. At full precision the divergence from the network's own predictions has no
 * gradient, and its Hessian with respect to the logits is H = diag(p) - p p^T, with p their softmax. H = L L^T, where
 * column c of L is sqrt(p_c) (e_c - p). So v = L s, with random signs s, has E[v v^T] = H exactly: every class of every
 * image takes part in every probe, also those that a sample of labels would nearly never draw.
 *
 * Carried back through the network, v gives g = J^T v with E[g g^T] = J^T H J: its squares are the diagonal of the
 * Fisher information there (BRECQ, section 3.3), and their sum is an estimate of its trace after Hutchinson (HAWQ-V2,
 * Dong et al. 2020, section 3.2; there the probe stands on the other side of the same product).
 */
import { exp } from "../../base/normal";
import type { Random } from "../../base/random";
import type { DatasetTensor, Device } from "../../engine/device";

/** One probe for every image. @param logits [images, positions * classes] @returns a tensor of gradients to the logits, same shape */
export async function drawProbes(device: Device, logits: DatasetTensor, classes: number, random: Random): Promise<DatasetTensor> {
  const values = await logits.read(0, logits.count);
  for (let first = 0; first < values.length; first += classes) {
    const row = values.subarray(first, first + classes);
    const most = Math.max(...row);
    const shares = Array.from(row, (logit) => exp(logit - most));
    const total = shares.reduce((sum, share) => sum + share, 0);
    const signed = shares.map((share) => (random.uniform() < 0.5 ? -1 : 1) * Math.sqrt(share / total));
    const sum = signed.reduce((left, right) => left + right, 0);
    signed.forEach((own, c) => {
      row[c] = own - ((shares[c] as number) / total) * sum;
    });
  }
  const tensor = device.createTensor(logits.count, logits.elements);
  tensor.write(0, values);
  return tensor;
}
