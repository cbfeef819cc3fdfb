import { EmptyState } from "../../design/EmptyState";
import { ViewFrame } from "../../design/ViewFrame";

export function PlayView() {
  return (
    <ViewFrame title="Play" fill>
      <EmptyState icon="keys" title="Play">This view is being built.</EmptyState>
    </ViewFrame>
  );
}
