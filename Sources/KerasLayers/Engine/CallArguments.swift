import KerasCore

/// How a layer is called beyond its tensors: which parameter each tensor is for, and plain settings.
///
/// Most calls need none. `MultiHeadAttention` gets tensors named `query`, `value`, `attention_mask`, and settings
/// such as `use_causal_mask`.
public struct CallArguments: Hashable, Sendable {
  /// The parameter each input tensor is for; empty when all are the layer's one `inputs`.
  public var names: [String]
  /// Plain values by Keras' parameter names.
  public var options: JSONObject

  public init(names: [String] = [], options: JSONObject = [:]) {
    self.names = names
    self.options = options
  }

  public static let none = CallArguments()
}
