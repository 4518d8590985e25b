/**
 * CIFAR binary files. A record of CIFAR-10 is a label byte and the red, green and blue planes of 32x32 pixels; one of
 * CIFAR-100 has two label bytes, the superclass and the class, of which the class ("fine label") is taken
 * (https://www.cs.toronto.edu/~kriz/cifar.html). Which of the two a file is, its length says, and where that fits both,
 * its name.
 */
import { BadInput } from "../base/errors";
import { type InputFile, nameOf } from "./files";
import type { ByteImages } from "./images";

const PLANE = 1024;

interface Kind {
  readonly title: string;
  /** Bytes of labels before the planes; the last one is the class. */
  readonly labels: number;
  readonly names: readonly string[];
  /** What its files are called. */
  readonly files: RegExp;
}

const CIFAR10: Kind = {
  title: "CIFAR-10",
  labels: 1,
  names: ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
  files: /^(data_batch_\d+|test_batch)\.bin$/i,
};

const CIFAR100: Kind = {
  title: "CIFAR-100",
  labels: 2,
  names: `apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle caterpillar cattle chair
    chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard
    lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear
    pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail
    snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale
    willow_tree wolf woman worm`.split(/\s+/),
  files: /^(train|test)\.bin$/i,
};

const recordOf = ({ labels }: Kind) => labels + 3 * PLANE;

function kindOf({ path, bytes }: InputFile): Kind {
  const fitting = [CIFAR10, CIFAR100].filter((kind) => bytes.length > 0 && bytes.length % recordOf(kind) === 0);
  const [only] = fitting;
  if (!only)
    throw new BadInput(
      `${path} has ${bytes.length} bytes, which is not a whole number of CIFAR-10 records of ${recordOf(CIFAR10)} bytes, nor of CIFAR-100 records of ${recordOf(CIFAR100)}; use the binary version (data_batch_1.bin, test_batch.bin; train.bin, test.bin).`,
    );
  if (fitting.length === 1) return only;
  const named = fitting.find(({ files }) => files.test(nameOf(path)));
  if (!named)
    throw new BadInput(
      `${path} has ${bytes.length} bytes, which are whole records of CIFAR-10 and of CIFAR-100 alike; name it as the data set does (test_batch.bin or test.bin).`,
    );
  return named;
}

/**
 * @param files in order
 * @param most records to read, from the first; files after them are not looked at
 */
export function readCifar(files: readonly InputFile[], most: number = Number.POSITIVE_INFINITY): ByteImages {
  const parts: InputFile[] = [];
  let count = 0;
  let kind: Kind | null = null;
  for (const file of files) {
    if (count >= most) break;
    const own = kindOf(file);
    kind ??= own;
    if (own !== kind)
      throw new BadInput(`${file.path} holds records of ${own.title}, but ${files[0]?.path} of ${kind.title}; choose files of one data set.`);
    const records = Math.min(file.bytes.length / recordOf(kind), most - count);
    parts.push({ path: file.path, bytes: file.bytes.subarray(0, records * recordOf(kind)) });
    count += records;
  }
  const { title, labels: labelBytes, names } = kind as Kind;
  const record = recordOf(kind as Kind);
  const pixels = new Uint8Array(count * 3 * PLANE);
  const labels = new Int32Array(count);
  let image = 0;
  for (const { path, bytes } of parts)
    for (let at = 0; at < bytes.length; at += record, image++) {
      const label = bytes[at + labelBytes - 1] as number;
      if (label >= names.length)
        throw new BadInput(`Image ${at / record} of ${path} has label ${label}; ${title} labels are 0 to ${names.length - 1}.`);
      labels[image] = label;
      const planes = at + labelBytes;
      for (let p = 0; p < PLANE; p++) for (let c = 0; c < 3; c++) pixels[(image * PLANE + p) * 3 + c] = bytes[planes + c * PLANE + p] as number;
    }
  return { count, height: 32, width: 32, channels: 3, pixels, labels, classNames: names };
}
