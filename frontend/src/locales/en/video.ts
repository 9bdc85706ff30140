export default {
  views: 'no views | {count} view | {count} views',
  likes: 'no likes | {count} like | {count} likes',
  uploaded: 'Uploaded {ago}',
  duration: 'Length {length}',
  resumeAt: 'Watched up to {time}',
  by: 'by {name}',
  poster: 'Preview of {title}',
  noPoster: 'No picture yet',
  visibility: { public: 'Public', unlisted: 'Unlisted', private: 'Private' },
  visibilityHint: {
    public: 'Everyone can find and watch it.',
    unlisted: 'Everyone who has the link can watch it.',
    private: 'Only you can watch it.',
  },
  status: {
    uploading: 'Uploading',
    queued: 'Waiting',
    probing: 'Checking',
    transcoding: 'Processing',
    ready: 'Ready',
    failed: 'Failed',
  },
  statusPercent: '{status} {percent}',
  playable: 'Can be watched already',
  reasons: {
    unknown: 'The file could not be processed. Try again, or upload it anew.',
  },
}
