export { Drawer, type DrawerProps } from "./Dialog";
