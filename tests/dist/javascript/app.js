export { Zone } from "pointsman";
