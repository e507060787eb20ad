// The answers to the streams' queries, generated from Gazelle's schema. `npm run check -- --write` renews it.

/** A value of an enum, or one that Gazelle added since. */
export type Known<Values extends string> = Values | (string & Record<never, never>);

export type ClientStatus = Known<"ACTIVE" | "INACTIVE" | "PROSPECT" | "NEW">;

export type PianoStatus = Known<"ACTIVE" | "INACTIVE" | "TEMPORARY_STORAGE" | "UNDER_RESTORATION">;

export type PianoType = Known<
  | "UNKNOWN"
  | "GRAND"
  | "SQUARE_GRAND"
  | "SPINET"
  | "STUDIO"
  | "UPRIGHT"
  | "CONSOLE"
  | "DIGITAL"
  | "ORGAN"
  | "HARPSICHORD"
  | "FORTEPIANO"
  | "CLAVICHORD"
  | "AUTOHARP"
  | "HYBRID"
>;

export type Clients = {
  allClients: {
    totalCount: number;
    pageInfo: {
      hasNextPage: boolean;
      endCursor: string | null;
    };
    nodes:
      | Array<
        {
          id: string | null;
          companyName: string | null;
          status: ClientStatus | null;
          personalNotes: string | null;
          preferenceNotes: string | null;
          tags: Array<string>;
          createdAt: string | null;
          updatedAt: string | null;
          localization: {
            locale: string;
          } | null;
          defaultContact: {
            firstName: string | null;
            lastName: string | null;
            defaultEmail: {
              email: string | null;
            } | null;
            defaultPhone: {
              phoneNumber: string | null;
            } | null;
            defaultLocation: {
              municipality: string | null;
              postalCode: string | null;
            } | null;
          } | null;
        } | null
      >
      | null;
  };
};

export type Pianos = {
  allPianos: {
    totalCount: number;
    pageInfo: {
      hasNextPage: boolean;
      endCursor: string | null;
    };
    nodes:
      | Array<
        {
          id: string | null;
          make: string | null;
          model: string | null;
          serialNumber: string | null;
          type: PianoType | null;
          year: number | null;
          location: string | null;
          notes: string | null;
          status: PianoStatus | null;
          tags: Array<string>;
          updatedAt: string | null;
          damppChaserInstalled: boolean | null;
          damppChaserHumidistatModel: string | null;
          damppChaserMfgDate: string | null;
          client: {
            id: string | null;
          } | null;
        } | null
      >
      | null;
  };
};
