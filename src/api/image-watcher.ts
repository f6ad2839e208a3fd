// The interface of image-watcher, by which ml-operator and others ask for the newest tag of one image.

/** The strategies by their old names. */
export const imageStrategies = ['patch', 'bugfix', 'minor', 'major'] as const

/** A strategy by its old name. */
export type ImageStrategy = (typeof imageStrategies)[number]

/** The query parameters of `GET /images/…`. */
export const imageQuerySchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    strategy: {
      enum: imageStrategies,
      default: 'bugfix',
      description:
        'how far the newer tag may be: patch is the same x.y.z, bugfix the same x.y, minor the same x, major any',
    },
  },
} as const

/** The newest tag of an image, which is its own where nothing is newer. */
export const imageAnswerSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['tag', 'fullImage'],
  properties: {
    tag: { type: 'string' },
    fullImage: { type: 'string', description: 'the image as it was asked for, with that tag' },
  },
} as const
