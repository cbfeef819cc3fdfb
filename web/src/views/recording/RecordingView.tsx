import { EmptyState } from "../../design/EmptyState";
import { ViewFrame } from "../../design/ViewFrame";

export function RecordingView() {
  return (
    <ViewFrame title="One recording" fill>
      <EmptyState icon="recording" title="One recording">This view is being built.</EmptyState>
    </ViewFrame>
  );
}
