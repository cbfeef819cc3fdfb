import { EmptyState } from "../../design/EmptyState";
import { ViewFrame } from "../../design/ViewFrame";

export function MapView() {
  return (
    <ViewFrame title="Map" fill>
      <EmptyState icon="map" title="Map">This view is being built.</EmptyState>
    </ViewFrame>
  );
}
