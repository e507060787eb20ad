// The Supabase CLI as it is to be typed. Its own default is a stack on this machine: --remote is the linked project.

export const supabaseVersion = "3.1.0";

export const supabase = `npx supabase@${supabaseVersion}`;
export const push = `${supabase} db push --remote`;
