import { EmptyState } from "../../design/EmptyState";
import { ViewFrame } from "../../design/ViewFrame";

export function JudgeView() {
  return (
    <ViewFrame title="Judge" fill>
      <EmptyState icon="judge" title="Judge">This view is being built.</EmptyState>
    </ViewFrame>
  );
}
