/// Where the channels of an image tensor stand. Raw values are Keras' spelling.
public enum DataFormat: String, Hashable, Sendable, CaseIterable {
  /// `[height, width, channels]`, Keras' default.
  case channelsLast = "channels_last"
  /// `[channels, height, width]`.
  case channelsFirst = "channels_first"
}
