/** The front of two costs and predicted loss: every point is an assignment that can be taken. */
import { useState } from "react";
import type { TradeoffResult } from "../../session/search/result";
import { useLab } from "../state/react";
import { widthsText } from "./search";
import { TradeoffChart } from "./tradeoff-chart";

export function TradeoffView({ tradeoff }: { readonly tradeoff: TradeoffResult }): React.ReactNode {
  const take = useLab((lab) => lab.take);
  const [chosen, setChosen] = useState<number | null>(null);
  const point = chosen === null ? undefined : tradeoff.points[chosen];
  return (
    <div className="results" data-testid="tradeoff">
      <TradeoffChart tradeoff={tradeoff} chosen={chosen} onChoose={setChosen} />
      <div className="run-buttons">
        <label>
          Point{" "}
          <input
            type="range"
            min={0}
            max={tradeoff.points.length - 1}
            value={chosen ?? 0}
            aria-label="Point of the front"
            onChange={(event) => setChosen(Number(event.target.value))}
          />
        </label>
        {point ? (
          <>
            <span>
              {tradeoff.costs.map(({ cost, unit }, i) => `${cost} ${Number((point.costs[i] as number).toPrecision(4))} ${unit}`).join(", ")},
              predicted loss {point.predictedLoss.toPrecision(4)}: {widthsText(point.assignment)}
            </span>
            <button type="button" onClick={() => take(point.assignment)}>
              Apply this point's bit widths
            </button>
          </>
        ) : (
          <span className="faint">
            {tradeoff.points.length} assignments, none of which another beats in all three, in {tradeoff.milliseconds.toFixed(0)} ms.
          </span>
        )}
      </div>
    </div>
  );
}
