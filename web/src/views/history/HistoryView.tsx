import { EmptyState } from "../../design/EmptyState";
import { ViewFrame } from "../../design/ViewFrame";

export function HistoryView() {
  return (
    <ViewFrame title="Take away" fill>
      <EmptyState icon="history" title="Take away">This view is being built.</EmptyState>
    </ViewFrame>
  );
}
