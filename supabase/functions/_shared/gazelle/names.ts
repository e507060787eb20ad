import type { Names } from "../sync/names.ts";

export const names: Names = { name: "gazelle", label: "Gazelle" };
