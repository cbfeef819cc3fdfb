import { EmptyState } from "../../design/EmptyState";
import { ViewFrame } from "../../design/ViewFrame";

export function LibraryView() {
  return (
    <ViewFrame title="Library" fill>
      <EmptyState icon="library" title="Library">This view is being built.</EmptyState>
    </ViewFrame>
  );
}
