/** Sends one request: the global `fetch`, or a Hono app's `request`. */
export type Fetch = (url: string, init: RequestInit) => Response | Promise<Response>;

/** What a SCIM answer holds, as far as clients look. */
export type ScimBody = {
  [attribute: string]: unknown;
  id?: string;
  userName?: string;
  active?: boolean;
  totalResults?: number;
  Resources?: ScimBody[];
};
export type ScimAnswer = { status: number; headers: Headers; text: string; body: ScimBody };

export type ScimClientOptions = { baseUrl: string; token: string; fetch: Fetch };

/** A person as an identity provider knows them. */
export type DirectoryPerson = {
  userName: string;
  externalId: string;
  givenName: string;
  familyName: string;
  email: string;
};

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

type Message = { body?: unknown; headers?: Record<string, string> };

/** A client that says only what it is told to. A body that is a string is sent as it stands. */
export function createScimClient({ baseUrl, token, fetch }: ScimClientOptions) {
  return {
    send: async (method: string, path: string, { body, headers = {} }: Message = {}): Promise<ScimAnswer> => {
      const response = await fetch(`${baseUrl}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/scim+json' }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: text === '' ? {} : JSON.parse(text),
      };
    },
  };
}

/** The PATCH body of RFC 7644 §3.5.2. */
export function patchBody(...operations: object[]) {
  return { schemas: [patchUrn], Operations: operations };
}

/** Path and filter of a look-up, encoded as both vendors do. */
export function findPath(filter: string, more = ''): string {
  return `/Users?filter=${encodeURIComponent(filter)}${more}`;
}

/** Microsoft Entra ID (MicrosoftDocs/entra-docs, use-scim-to-provision-users-and-groups.md), default dialect. */
export function createEntraClient(options: ScimClientOptions) {
  const { send } = createScimClient(options);
  const headers = { 'content-type': 'application/scim+json; charset=utf-8' };
  const patch = (id: string, ...operations: object[]) =>
    send('PATCH', `/Users/${id}`, { body: patchBody(...operations), headers });
  const changeMembers = (id: string, op: 'Add' | 'Remove', members: string[]) => {
    const value = members.map((member) => ({ $ref: null, value: member }));
    return send('PATCH', `/Groups/${id}`, { body: patchBody({ op, path: 'members', value }), headers });
  };
  return {
    testConnection: () => send('GET', findPath(`userName eq "${crypto.randomUUID()}"`)),
    findUser: (attribute: string, value: string) => send('GET', findPath(`${attribute} eq "${value}"`)),
    getUser: (id: string) => send('GET', `/Users/${id}`),
    createUser: (person: DirectoryPerson) =>
      send('POST', '/Users', { headers, body: describeForEntra(person) }),
    updateUser: patch,
    disableUser: (id: string) => patch(id, { op: 'Replace', path: 'active', value: 'False' }),
    enableUser: (id: string) => patch(id, { op: 'Replace', path: 'active', value: 'True' }),
    deleteUser: (id: string) => send('DELETE', `/Users/${id}`),
    findGroup: (displayName: string) => {
      const filter = encodeURIComponent(`displayName eq "${displayName}"`);
      return send('GET', `/Groups?excludedAttributes=members&filter=${filter}`);
    },
    addMembers: (id: string, ...members: string[]) => changeMembers(id, 'Add', members),
    /** With a value, and not by a filter: taken for "all members", it empties groups. */
    removeMembers: (id: string, ...members: string[]) => changeMembers(id, 'Remove', members),
  };
}

function describeForEntra({ userName, externalId, givenName, familyName, email }: DirectoryPerson) {
  return {
    schemas: [userUrn, enterpriseUrn],
    externalId,
    userName,
    active: true,
    addresses: null,
    department: null,
    emails: [{ primary: true, type: 'work', value: email }],
    meta: { resourceType: 'User' },
    name: { formatted: `${givenName} ${familyName}`, familyName, givenName },
    roles: [],
  };
}

/** Okta (okta/okta-developer-docs, scim-20/index.md): header authentication, PUT for profiles, no DELETE. */
export function createOktaClient(options: ScimClientOptions) {
  const { send } = createScimClient(options);
  const headers = {
    authorization: options.token,
    accept: 'application/scim+json; charset=utf-8',
    'accept-charset': 'utf-8',
    'user-agent': 'Okta SCIM Client 1.0.0',
  };
  const sending = { ...headers, 'content-type': 'application/scim+json; charset=utf-8' };
  const setActive = (id: string, active: boolean) => {
    const body = patchBody({ op: 'replace', value: { active } });
    return send('PATCH', `/Users/${id}`, { body, headers: sending });
  };
  const getUser = (id: string) => send('GET', `/Users/${id}`, { headers });
  const listUsers = (startIndex: number, count: number) =>
    send('GET', `/Users?startIndex=${startIndex}&count=${count}`, { headers });
  return {
    testConnection: () => listUsers(1, 2),
    findUser: (userName: string) =>
      send('GET', findPath(`userName eq "${userName}"`, '&startIndex=1&count=100'), { headers }),
    getUser,
    createUser: (person: DirectoryPerson) =>
      send('POST', '/Users', { headers: sending, body: describeForOkta(person) }),
    /** Reads the whole user, changes it, and sends all of it back. */
    async updateUser(id: string, change: Record<string, unknown>) {
      const { body } = await getUser(id);
      return send('PUT', `/Users/${id}`, { headers: sending, body: { ...body, ...change } });
    },
    pushGroup: (displayName: string) =>
      send('POST', '/Groups', { headers: sending, body: { schemas: [groupUrn], displayName, members: [] } }),
    /** Each push says the name again, and the id with it. */
    pushMembers: (id: string, displayName: string, members: readonly string[]) => {
      const value = members.map((member) => ({ value: member }));
      const body = patchBody(
        { op: 'replace', value: { id, displayName } },
        { op: 'replace', path: 'members', value },
      );
      return send('PATCH', `/Groups/${id}`, { body, headers: sending });
    },
    getGroup: (id: string) => send('GET', `/Groups/${id}`, { headers }),
    unlinkGroup: (id: string) => send('DELETE', `/Groups/${id}`, { headers }),
    deactivateUser: (id: string) => setActive(id, false),
    reactivateUser: (id: string) => setActive(id, true),
    /** An import: page after page of a hundred, until the total is reached. */
    async importUsers(): Promise<ScimBody[]> {
      const users: ScimBody[] = [];
      for (;;) {
        const { body } = await listUsers(users.length + 1, 100);
        users.push(...(body.Resources ?? []));
        if (!body.Resources?.length || users.length >= (body.totalResults ?? 0)) return users;
      }
    },
  };
}

function describeForOkta({ userName, externalId, givenName, familyName, email }: DirectoryPerson) {
  return {
    schemas: [userUrn],
    userName,
    name: { givenName, familyName },
    emails: [{ primary: true, value: email, type: 'work', display: email }],
    displayName: `${givenName} ${familyName}`,
    locale: 'en-US',
    externalId,
    groups: [],
    password: '1mz050nq',
    active: true,
  };
}
