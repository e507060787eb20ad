export interface Institution {
  id: string;
  companyName: string;
  pianos: number;
  rooms: readonly string[];
}

/** The five institutions of the shop. Their ids and names do not depend on seed and scale. */
export const INSTITUTIONS: readonly Institution[] = [
  {
    id: "cli_9UMLkteep8EsISbG",
    companyName: "École Vincent-d'Indy",
    pianos: 121,
    rooms: ["Studio", "Local", "Salle Claude-Champagne, scène", "Pavillon B, studio", "Salle d'examen"],
  },
  {
    id: "cli_HbEwl9rN11pSuDEU",
    companyName: "Place des Arts",
    pianos: 16,
    rooms: [
      "Salle Wilfrid-Pelletier, scène",
      "Théâtre Maisonneuve",
      "Loge",
      "Cinquième Salle",
      "Salle de répétition",
    ],
  },
  {
    id: "cli_sos6RK8t4htOApiM",
    companyName: "UQAM, Pierre-Péladeau",
    pianos: 4,
    rooms: ["Centre Pierre-Péladeau, scène", "Loge", "Local F-3"],
  },
  { id: "cli_UVMjT9g1b1wDkRHr", companyName: "SMCQ", pianos: 0, rooms: [] },
  { id: "cli_xkMYNQrSX7T7E1q0", companyName: "Fondation Vincent-d'Indy", pianos: 0, rooms: [] },
];

export const INSTITUTIONAL_PIANOS = INSTITUTIONS.reduce((sum, institution) => sum + institution.pianos, 0);

/** The institution of the `rank`-th institutional piano, and the number of the piano there. */
export function institutionOfPiano(rank: number): { institution: number; number: number } {
  let number = rank;
  let institution = 0;
  while (number >= (INSTITUTIONS[institution] as Institution).pianos) {
    number -= (INSTITUTIONS[institution] as Institution).pianos;
    institution++;
  }
  return { institution, number };
}
