/// Where the channels of a tensor stand. Raw values are Keras' spelling.
public enum DataFormat: String, Hashable, Sendable, CaseIterable {
  /// `[height, width, channels]`, Keras' default; of batches `[batch, spatial…, channels]`.
  case channelsLast = "channels_last"
  /// `[channels, height, width]`; of batches `[batch, channels, spatial…]`.
  case channelsFirst = "channels_first"
}
