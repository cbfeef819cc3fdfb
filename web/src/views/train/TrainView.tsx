import { EmptyState } from "../../design/EmptyState";
import { ViewFrame } from "../../design/ViewFrame";

export function TrainView() {
  return (
    <ViewFrame title="Train" fill>
      <EmptyState icon="train" title="Train">This view is being built.</EmptyState>
    </ViewFrame>
  );
}
