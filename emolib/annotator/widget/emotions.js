// Where words for emotions lie on the pad, for a rater who learns what the two dimensions mean.
//
// They are off unless asked for, and never there while something is recorded. A rater who sees the words
// aims at them, and rates a category instead of what is felt now; how categories lie on the plane would
// then no longer be found in the ratings but put into them.
//
// Means of pleasure and arousal of the words happy, sad, angry, fearful, surprised and disgusted: Russell,
// J. A., and Mehrabian, A. (1977). Evidence for a three-factor theory of emotions. Journal of Research in
// Personality 11(3), 273-294. doi:10.1016/0092-6566(77)90037-X. Neutral is the middle by definition.
const EMOTION_PLACES = {
  neutral: [0, 0], happiness: [0.81, 0.51], sadness: [-0.63, -0.27], anger: [-0.51, 0.59],
  fear: [-0.64, 0.6], surprise: [0.4, 0.67], disgust: [-0.6, 0.35],
};
