/** The page: setup on the left, the run on the right. */
import { AccuracyPanel } from "./components/accuracy-panel";
import { ComparePanel } from "./components/compare-panel";
import { DiagnosisPanel } from "./components/diagnosis-panel";
import { LossPanel } from "./components/loss-panel";
import { NetworkPanel } from "./components/network-panel";
import { RunBar } from "./components/run-bar";
import { SamplesPanel } from "./components/samples-panel";
import { SearchPanel } from "./components/search-panel";
import { SetupPanel } from "./components/setup-panel";
import { SharePanel } from "./components/share-panel";

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
        <LossPanel />
        <DiagnosisPanel />
        <ComparePanel />
        <SearchPanel />
        <NetworkPanel />
        <SamplesPanel />
      </main>
    </div>
  );
}
