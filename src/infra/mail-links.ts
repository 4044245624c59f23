type LinkAction = 'verify-email' | 'reset-password' | 'accept-invitation' | 'open' | 'certificates';

/** Where the links of mails lead: to the host application where there is one, else to the service's own pages. */
export function mailLinks({ publicUrl, appUrl }: { publicUrl: string; appUrl: string | null }) {
  const base = (appUrl ?? publicUrl).replace(/\/$/, '');
  return (action: LinkAction, token?: string): string => {
    if (action === 'open') return `${base}/`;
    // No host application knows a tenant that is gone.
    if (action === 'certificates') return `${publicUrl.replace(/\/$/, '')}/certificates/${token ?? ''}`;
    return token === undefined ? `${base}/${action}` : `${base}/${action}?token=${encodeURIComponent(token)}`;
  };
}
