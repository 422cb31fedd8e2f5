// PocketBase's way to what the plugins do: before a record of `js` is created, its slug is made of its title.
onRecordCreate((e) => {
  const words = e.record.getString('title').toLowerCase().match(/[a-z0-9]+/g);
  if (!words) throw new BadRequestError('Needs a letter or a digit.');
  e.record.set('slug', words.join('-'));
  e.next();
}, 'js');
