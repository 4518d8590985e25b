/** The page: setup on the left, the run on the right. */

import { ComparePanel } from "./compare/compare-panel";
import { NetworkPanel } from "./network/network-panel";
import { SearchPanel } from "./precision/search-panel";
import { AccuracyPanel } from "./run/accuracy-panel";
import { DiagnosisPanel } from "./run/diagnosis-panel";
import { ExportPanel } from "./run/export-panel";
import { LossPanel } from "./run/loss-panel";
import { RunBar } from "./run/run-bar";
import { SamplesPanel } from "./run/samples-panel";
import { SharePanel } from "./run/share-panel";
import { WarningsPanel } from "./run/warnings-panel";
import { SetupPanel } from "./setup/setup-panel";

export function App(): React.ReactNode {
  return (
    <div className="lab">
      <header className="lab-header">
        <h1>BRECQ Lab</h1>
        <p>Post-training quantization by block reconstruction. Everything runs in this browser; nothing leaves your machine.</p>
      </header>
      <aside className="lab-setup">
        <SetupPanel />
      </aside>
      <main className="lab-main">
        <RunBar />
        <SharePanel />
        <AccuracyPanel />
        <WarningsPanel />
        <ExportPanel />
        <LossPanel />
        <DiagnosisPanel />
        <NetworkPanel />
        <SamplesPanel />
        <ComparePanel />
        <SearchPanel />
      </main>
    </div>
  );
}
