// Parts that are not written yet.

const nothing = () => document.createComment("not there yet");
const createHeader = nothing, createPalette = nothing, createPad = nothing;
const createTimeline = nothing, createTraces = nothing, createHelp = nothing;
