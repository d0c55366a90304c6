import {
  asked,
  edge,
  node,
  result,
  samplePhoto,
  sampleVideo,
  templateImageModel,
  templateModel,
  templateSpeechModel,
  type Template,
} from './template.ts';

const each = { each: true };

const podcastClips: Template = {
  id: 'podcast-clips',
  title: 'Podcast to captioned clips',
  description:
    'Finds the best moments of an episode, and makes an upright video with captions of each. Connect your recording in place of the sample episode.',
  runsWithoutKey: false,
  graph: {
    nodes: [
      node('script', 'text', 12, 349, {
        label: 'Sample episode, in words',
        text: 'Welcome back. Today we talk about sleep. A short nap after lunch makes most people quicker for three hours. But there is a catch: after half an hour, the nap turns into deep sleep, and you wake up tired. So set an alarm, and get up when it rings. That was it for today.',
        ...asked('episode', 'Episode, in words'),
      }),
      node('episode', 'speak', 352, 177, { label: 'Sample episode', model: templateSpeechModel }),
      node('level', 'adjustAudio', 692, 213, { label: 'Even loudness', leveled: true, loudness: -16 }),
      node('words', 'transcribe', 1032, 79, { label: 'What is said', model: templateModel }),
      node('moments', 'llm', 1372, 12, {
        label: 'Best moments',
        model: templateModel,
        temperature: 0,
        systemPrompt:
          'You get what is said in a podcast, with times in seconds. Choose the two best moments, each of whole sentences that can be understood by themselves.',
        answerAs: 'fields',
        fields: [
          { id: 'starts', name: 'starts', type: 'list<text>', description: 'Where each begins, in seconds' },
          { id: 'ends', name: 'ends', type: 'list<text>', description: 'Where each ends, in seconds' },
        ],
      }),
      node('clip', 'trimAudio', 1712, 110, { label: 'Clip' }),
      node('cover', 'image', 1712, 604, { label: 'Cover', file: samplePhoto, ...asked('cover', 'Cover') }),
      node('captions', 'transcribe', 2052, 85, { label: 'Captions', model: templateModel }),
      node('film', 'videoFromImages', 2052, 467, {
        label: 'Upright video',
        aspect: '9:16',
        mode: 'cover',
        motion: 'in',
        length: 'audio',
        frameRate: 25,
      }),
      node('captioned', 'subtitleVideo', 2392, 100, { label: 'With captions', how: 'burn' }),
      result('clips', 2732, 100, 'Clips with captions'),
    ],
    edges: [
      edge('script.output -> episode.text'),
      edge('episode.output -> level.audio'),
      edge('level.output -> words.audio'),
      edge('words.segments -> moments.user_message'),
      edge('level.output -> clip.audio'),
      edge('moments.starts -> clip.from'),
      edge('moments.ends -> clip.to'),
      edge('clip.output -> captions.audio'),
      edge('cover.output -> film.images'),
      edge('clip.output -> film.audio'),
      edge('film.output -> captioned.video'),
      edge('captions.segments -> captioned.segments'),
      edge('captioned.output -> result-clips.value'),
    ],
  },
};

const animatic: Template = {
  id: 'storyboard-animatic',
  title: 'Storyboard to animatic, with narration',
  description:
    'A story, one paragraph for each shot: every shot is drawn, narrated and timed by its narration, and all are joined.',
  runsWithoutKey: false,
  graph: {
    nodes: [
      node('story', 'text', 12, 204, {
        label: 'Story',
        text: 'A paper boat leaves a quiet harbor in the morning.\n\nA storm comes up, and the boat dances on high waves.\n\nAt night it lands on an island, and a child lifts it out of the water.',
        ...asked('story', 'Story', 'One paragraph for each shot.'),
      }),
      node('shots', 'splitText', 352, 111, { label: 'Shots', by: 'paragraph' }),
      node('prompt', 'template', 692, 69, {
        label: 'How it is drawn',
        template: 'A storyboard frame in soft pencil, wide shot, no text: {{shot}}',
      }),
      node('voice', 'speak', 1032, 478, { label: 'Narration', model: templateSpeechModel }),
      node('draw', 'generateImage', 1032, 12, { label: 'Frame', model: templateImageModel, aspect: '16:9' }),
      node('shot', 'videoFromImages', 1372, 76, {
        label: 'Shot',
        aspect: '16:9',
        mode: 'cover',
        motion: 'in',
        length: 'audio',
        frameRate: 25,
      }),
      node('film', 'joinVideos', 1712, 87, { label: 'Animatic', crossfade: 0.3 }),
      result('film', 2052, 87, 'Animatic'),
    ],
    edges: [
      edge('story.output -> shots.text'),
      edge('shots.output -> prompt.shot', each),
      edge('shots.output -> voice.text'),
      edge('prompt.output -> draw.prompt'),
      edge('draw.output -> shot.images', each),
      edge('voice.output -> shot.audio'),
      edge('shot.output -> film.videos'),
      edge('film.output -> result-film.value'),
    ],
  },
};

const threeLanguages: Template = {
  id: 'subtitles-three-languages',
  title: 'Subtitles in three languages',
  description: 'Writes down what is said in a video, translates it, and makes one subtitled video for each language.',
  runsWithoutKey: false,
  graph: {
    nodes: [
      node('clip', 'video', 12, 38, { label: 'Video', file: sampleVideo, ...asked('video', 'Video') }),
      node('voice', 'speak', 12, 398, {
        label: 'Sample speech',
        model: templateSpeechModel,
        text: 'It keeps tea hot for a whole day.',
      }),
      node('talk', 'addAudio', 352, 67, { label: 'Video with speech', mode: 'replace' }),
      node('sound', 'extractAudio', 692, 39, { label: 'Its sound' }),
      node('words', 'transcribe', 1032, 27, { label: 'What is said', model: templateModel }),
      node('languages', 'list', 1032, 409, {
        label: 'Languages',
        type: 'text',
        items: ['English', 'German', 'Spanish'],
        ...asked('languages', 'Languages'),
      }),
      node('prompt', 'template', 1372, 94, {
        label: 'Task',
        template: 'Translate into {{language}}, and write it as SRT with the times as they are:\n\n{{segments | json}}',
      }),
      node('translate', 'llm', 1712, 12, {
        label: 'Subtitles',
        model: templateModel,
        temperature: 0,
        answerAs: 'fields',
        fields: [{ id: 'srt', name: 'srt', type: 'text', description: 'The subtitles as SRT' }],
      }),
      node('subtitled', 'subtitleVideo', 2052, 363, { label: 'Subtitled', how: 'burn', size: 8 }),
      result('subtitles', 2052, 12, 'Subtitles'),
      result('videos', 2392, 363, 'Subtitled videos'),
    ],
    edges: [
      edge('clip.output -> talk.video'),
      edge('voice.output -> talk.audio'),
      edge('talk.output -> sound.video'),
      edge('sound.output -> words.audio'),
      edge('languages.output -> prompt.language', each),
      edge('words.segments -> prompt.segments'),
      edge('prompt.output -> translate.user_message'),
      edge('translate.srt -> subtitled.subtitles'),
      edge('talk.output -> subtitled.video'),
      edge('translate.srt -> result-subtitles.value'),
      edge('subtitled.output -> result-videos.value'),
    ],
  },
};

const thumbnails: Template = {
  id: 'thumbnails-ab',
  title: 'Thumbnails, A and B',
  description: 'A frame of a video, two titles by a model, two designs: compare them side by side before you publish.',
  runsWithoutKey: false,
  graph: {
    nodes: [
      node('clip', 'video', 12, 262, { label: 'Video', file: sampleVideo, ...asked('video', 'Video') }),
      node('frame', 'extractFrame', 352, 159, { label: 'Best moment', timestamp: '60%' }),
      node('canvas', 'resizeImage', 692, 191, {
        label: '1280 × 720',
        mode: 'cover',
        width: 1280,
        height: 720,
        enlarge: true,
      }),
      node('titles', 'llm', 1032, 184, {
        label: 'Two titles',
        model: templateModel,
        temperature: 0.9,
        userMessage:
          'This is a frame of a short product video. Write two titles for its thumbnail, of at most four words each: one that says what it is, and one that sparks curiosity.',
        answerAs: 'fields',
        fields: [
          { id: 'plain', name: 'plain', type: 'text', description: 'Says what it is' },
          { id: 'curious', name: 'curious', type: 'text', description: 'Sparks curiosity' },
        ],
      }),
      node('a', 'drawText', 1372, 12, {
        label: 'A',
        size: 20,
        align: 'left',
        vertical: 'bottom',
        x_percent: 4,
        y_percent: 45,
        width_percent: 60,
        height_percent: 50,
      }),
      node('b', 'drawText', 1372, 536, {
        label: 'B',
        size: 16,
        color: '#101010',
        outline: 0,
        background: 'text',
        backgroundColor: '#ffd400',
        align: 'center',
        vertical: 'top',
        x_percent: 5,
        y_percent: 6,
        width_percent: 90,
        height_percent: 40,
      }),
      node('sheet', 'gridImages', 1712, 125, {
        label: 'A or B?',
        columns: 2,
        cellWidth: 640,
        textSize: 32,
        labels: ['A', 'B'],
      }),
      result('a', 1712, -220, 'A'),
      result('b', 1712, 560, 'B'),
      result('sheet', 2052, 125, 'A or B?'),
    ],
    edges: [
      edge('clip.output -> frame.video_url'),
      edge('frame.output -> canvas.image'),
      edge('canvas.output -> titles.images'),
      edge('canvas.output -> a.image'),
      edge('titles.plain -> a.text'),
      edge('canvas.output -> b.image'),
      edge('titles.curious -> b.text'),
      edge('a.output -> sheet.images'),
      edge('b.output -> sheet.images'),
      edge('a.output -> result-a.value'),
      edge('b.output -> result-b.value'),
      edge('sheet.output -> result-sheet.value'),
    ],
  },
};

const voiceOver: Template = {
  id: 'voice-over-slideshow',
  title: 'Voice-over on a slideshow',
  description: 'Images that move gently while a voice talks about them; the slideshow is as long as what is said.',
  runsWithoutKey: false,
  graph: {
    nodes: [
      node('clip', 'video', 12, 50, {
        label: 'Where the images come from',
        file: sampleVideo,
        ...asked('video', 'Where the images come from'),
      }),
      node('images', 'extractFrames', 352, 12, { label: 'Images', by: 'count', count: 4 }),
      node('words', 'text', 12, 620, {
        label: 'What is said',
        text: 'One flask, four sides. Double walls keep it warm. And it fits in every bag.',
        ...asked('words', 'What is said'),
      }),
      node('voice', 'speak', 352, 448, { label: 'Voice', model: templateSpeechModel }),
      node('film', 'videoFromImages', 692, 61, {
        label: 'Slideshow',
        aspect: '16:9',
        transition: 'fade',
        transitionSeconds: 0.3,
        motion: 'varied',
        length: 'audio',
        frameRate: 25,
      }),
      result('slideshow', 1032, 61, 'Slideshow'),
    ],
    edges: [
      edge('clip.output -> images.video'),
      edge('words.output -> voice.text'),
      edge('images.output -> film.images'),
      edge('voice.output -> film.audio'),
      edge('film.output -> result-slideshow.value'),
    ],
  },
};

/** Jobs that end with a video or its picture. */
export const filmTemplates: readonly Template[] = [podcastClips, animatic, threeLanguages, thumbnails, voiceOver];
