import { acceptedAudiences, isAccepted, scimHostOf } from './trust';

const APP = 'c0ffee12-7a4b-4d19-9e35-6b8d0a1f2c43';

describe('An audience', () => {
  it.each([APP, `api://${APP}`, `api://${APP}/.default`, `api://${APP.toUpperCase()}`])(
    'entered as %s stands for the application’s id, its URI, and that with the SCIM host',
    (entered) => {
      expect(acceptedAudiences(entered, 'scim.example.com')).toEqual([
        APP,
        `api://${APP}`,
        `api://${APP}/scim.example.com`,
      ]);
      expect(acceptedAudiences(entered, null)).toEqual([APP, `api://${APP}`]);
    },
  );

  it.each([
    'https://scim.example.com/token',
    `${APP}/.default`,
    `api://${APP}/`,
    `api://${APP}/.DEFAULT`,
    `API://${APP}`,
    `spn:${APP}`,
    ` ${APP}`,
    'api://contoso',
  ])('entered as %j stands for itself', (entered) => {
    expect(acceptedAudiences(entered, 'scim.example.com')).toEqual([entered]);
  });

  it('that came is compared as a whole, in whatever case its GUID is', () => {
    const accepted = acceptedAudiences(APP, 'scim.example.com');
    const right = [...accepted, APP.toUpperCase(), `api://${APP.toUpperCase()}`];
    expect(right.filter((audience) => !isAccepted(audience, accepted))).toEqual([]);
    const wrong = [
      `api://${APP}.evil`,
      `api://${APP}/`,
      `${APP} `,
      `API://${APP}`,
      `api://${APP}/.default`,
      `api://${APP}/SCIM.example.com`,
      `api://${APP}/scim.example.com/`,
      `https://${APP}`,
      '',
    ];
    expect(wrong.filter((audience) => isAccepted(audience, accepted))).toEqual([]);
    expect(isAccepted(`spn:${APP.toUpperCase()}`, [`spn:${APP.toUpperCase()}`])).toBe(true);
  });
});

describe('The SCIM host', () => {
  it.each([
    ['https://www.Scim.example.com:8443/t/{tenant_id}/scim/v2', 'scim.example.com'],
    ['https://{tenant_id}.example.com/scim', 'tnt_a.example.com'],
    ['', null],
  ])('of %s is %s', (template, host) => {
    expect(scimHostOf(template, 'tnt_a')).toBe(host);
  });
});
