import type { FileRecord } from '../workspace/records.ts';
import type { World } from '../workspace/world.ts';

const PRETTY_TYPES: Readonly<Record<string, string>> = {
  text: 'Plain Text',
  markdown: 'Markdown (raw)',
  csv: 'CSV',
  javascript: 'JavaScript',
  png: 'PNG',
  pdf: 'PDF',
};

/** A file as messages, `files.info` and `conversations.history` show it. */
export function fileObject(world: World, file: FileRecord) {
  const base = `${world.origin}/files-pri/${world.app.teamId}-${file.id}`;
  const permalink = `https://${world.app.teamDomain}.slack.com/files/${file.user}/${file.id}/${file.name}`;
  const preview = file.content.toString('utf8').slice(0, 200);
  return {
    id: file.id,
    created: file.created,
    timestamp: file.created,
    name: file.name,
    title: file.title,
    mimetype: file.mimetype,
    filetype: file.filetype,
    pretty_type: PRETTY_TYPES[file.filetype] ?? file.filetype.toUpperCase(),
    user: file.user,
    user_team: world.app.teamId,
    editable: file.mode === 'snippet',
    size: file.content.length,
    mode: file.mode,
    is_external: false,
    external_type: '',
    is_public: true,
    public_url_shared: false,
    display_as_bot: false,
    username: '',
    url_private: `${base}/${encodeURIComponent(file.name)}`,
    url_private_download: `${base}/download/${encodeURIComponent(file.name)}`,
    media_display_type: 'unknown',
    permalink,
    permalink_public: `https://slack-files.com/${world.app.teamId}-${file.id}`,
    is_starred: false,
    has_rich_preview: false,
    file_access: 'visible',
    ...(file.mode === 'snippet' && {
      preview,
      lines: String(file.content.toString('utf8').split('\n').length),
    }),
  };
}
