/** @file What a scripted person knows and does: the true class of an image, the classes and their keys, an exam, first labels. */

const KEYS = '123456789qwertyiopzxcvbnm';
export const SCRIPT = 'script';

/**
 * Adds the classes.
 *
 * @returns the true class of an image by its id, and each class's key
 */
export async function knowledge({ get, post }, { classes, truth }) {
  if (classes.length > KEYS.length) throw new Error(`${classes.length} classes have more than ${KEYS.length} keys`);
  for (const [i, name] of classes.entries()) await post('/api/classes', { add: { name, key: KEYS[i] } });
  const known = new Map((await get('/api/state')).classes.map(({ id, name, key }) => [name, { id, key }]));
  const names = [...truth.keys()].sort();
  // The list of images is sorted by name; a few are asked, so that a change of that is noticed.
  for (let i = 0; i < names.length; i += Math.ceil(names.length / 20)) {
    const { path } = await get(`/api/image/${i}`);
    if (path !== names[i]) throw new Error(`image ${i} is ${path}, not ${names[i]} as its place in the list says`);
  }
  const classOf = (image) => known.get(classes[truth.get(names[image])]);
  return { classOf: (image) => classOf(image).id, keyOf: (image) => classOf(image).key };
}

/** Draws an exam and answers it. @returns how many images it has */
export async function takeExam({ get, post }, { classOf }, size) {
  await post('/api/exam', { size });
  const { images } = await get(`/api/exam/next?count=${size}`);
  await post('/api/exam/answers', { by: SCRIPT, items: images.map((image) => ({ image, class: classOf(image) })) });
  return images.length;
}

/** Labels images that the studio chooses. @returns how many */
export async function labelSome({ get, post }, { classOf }, count) {
  const { images } = await get(`/api/next?count=${count}`);
  const items = images.map((image) => ({ image, class: classOf(image) }));
  await post('/api/labels', { by: SCRIPT, from: 'next', items });
  return items.length;
}
