// The Supabase CLI as a person types it. Without --remote it would work on a stack on this machine, not on the linked
// project.

export const supabaseVersion = "3.1.0";

export const supabase = `npx supabase@${supabaseVersion}`;
export const push = `${supabase} db push --remote`;
