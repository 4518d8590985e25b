/** Bits and sensitivity along the network as a picture that stands alone, with the names of the layers. */
import type { SensitivityTable } from "../../../search/sensitivity/table";
import type { NetworkView } from "../../../session/network/view";
import { columnsOf, spansOf, WHOLE } from "../../axis/depth";
import { BitsRow, type BitsRowProps, TriangleRow } from "./rows";
import { slotsOf } from "./slots";
import { triangleOf } from "./triangle";

interface AxisFileProps {
  readonly title: string;
  readonly network: NetworkView;
  readonly bits: BitsRowProps["bits"];
  readonly table: SensitivityTable | null;
  /** The width that single layers are shown at. */
  readonly at: number;
  readonly floatText: string;
}

const [LEFT, TITLE, ROW, NAMES, TRIANGLE] = [40, 34, 110, 120, 150] as const;
/** Room of a layer: its name stands upright below its bits. */
const EACH = 22;

export function AxisFile({ title, network, bits, table, at, floatText }: AxisFileProps): React.ReactNode {
  const count = network.units.reduce((sum, { layers }) => sum + layers.length, 0);
  const width = Math.max(640, EACH * count);
  const spans = spansOf(columnsOf(network), WHOLE, width);
  const slots = slotsOf(spans);
  const below = TITLE + ROW + NAMES;
  const height = below + (table ? TRIANGLE : 0) + 10;
  return (
    <svg xmlns="http://www.w3.org/2000/svg" width={width + LEFT + 10} height={height} fontFamily="sans-serif" fontSize={12} role="img">
      <title>{title}</title>
      <rect width={width + LEFT + 10} height={height} fill="#ffffff" />
      <text x={8} y={20} fontSize={14} fontWeight="bold" fill="var(--ink)">
        {title}
      </text>
      <g transform={`translate(${LEFT} 0)`}>
        <BitsRow frame={{ spans, width, top: TITLE, height: ROW }} bits={bits} floatText={floatText} say={({ name }) => name} />
        {slots.map(({ layer, name, left, right }) => (
          <text key={layer} transform={`translate(${(left + right) / 2 + 4} ${TITLE + ROW + NAMES - 8}) rotate(-90)`} fontSize={11} fill="var(--ink)">
            {name}
          </text>
        ))}
        {table ? (
          <TriangleRow
            frame={{ spans, width, top: below, height: TRIANGLE }}
            triangle={triangleOf(table, slots, at)}
            selected={null}
            sayCell={(names, value) => `${names.join(" + ")}: ${value.toPrecision(3)}`}
            onPick={() => {}}
          />
        ) : null}
      </g>
    </svg>
  );
}
