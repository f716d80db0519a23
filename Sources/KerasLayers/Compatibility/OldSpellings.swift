import KerasCore

extension SerializedObject {
  /// The same object with today's class and argument names.
  ///
  /// Keras 1 and 2 called many arguments otherwise (`nb_filter`, `border_mode`, `batch_input_shape`), and split what
  /// is one argument now. Names that never changed pass through; a name is never overwritten.
  package func modernized(from version: KerasVersion) -> SerializedObject {
    var object = self
    object.className = OldSpellings.classNames[className] ?? className
    // A user's own class calls its settings what it likes.
    guard registeredName == nil, Layers.isKeras(object.className) else { return object }
    var config = config
    let name = Layers.aliases[object.className] ?? object.className
    for (old, new) in OldSpellings.arguments(of: name) {
      guard let value = config[old], config[new] == nil else { continue }
      config[old] = nil
      config[new] = value
    }
    for key in OldSpellings.meaningless(in: name) { config[key] = nil }
    if version == .keras1 { OldSpellings.joinSplitArguments(&config) }
    if version < .keras3 {
      for (key, value) in OldSpellings.defaults(of: name) where config[key] == nil {
        config[key] = value
      }
      if name == "Bidirectional" { OldSpellings.addBackwardLayer(&config) }
    }
    OldSpellings.renameChoices(&config)
    object.config = config
    return object
  }

  /// An initializer, regularizer or constraint, also as Keras 1 has it: `{"name": "WeightRegularizer", "l2": 0.01}`.
  init(function json: JSON) throws(KerasError) {
    guard let object = json.object, object["class_name"] == nil, let name = object["name"]?.string else {
      try self.init(json)
      return
    }
    self.init(module: nil, className: name, config: object)
    config["name"] = nil
  }
}

/// What Keras 1 and 2 called otherwise.
enum OldSpellings {
  static let classNames = [
    "AtrousConvolution1D": "Conv1D", "AtrousConvolution2D": "Conv2D", "Model": "Functional",
    // Dense has been applied to every step by itself ever since.
    "TimeDistributedDense": "Dense",
  ]

  /// Old argument names and today's, for a class.
  static func arguments(of className: String) -> [(old: String, new: String)] {
    // They came after Keras 1, and one has a `sigma`.
    guard !Layers.augmentationNames.contains(className) else { return [] }
    var pairs: [(String, String)] = [
      ("init", "kernel_initializer"), ("inner_init", "recurrent_initializer"),
      ("inner_activation", "recurrent_activation"), ("W_regularizer", "kernel_regularizer"),
      ("b_regularizer", "bias_regularizer"), ("U_regularizer", "recurrent_regularizer"),
      ("W_constraint", "kernel_constraint"), ("b_constraint", "bias_constraint"),
      ("U_constraint", "recurrent_constraint"), ("bias", "use_bias"), ("p", "rate"), ("nb_filter", "filters"),
      ("subsample", "strides"), ("subsample_length", "strides"), ("border_mode", "padding"),
      ("filter_length", "kernel_size"), ("dim_ordering", "data_format"), ("pool_length", "pool_size"),
      ("sigma", "stddev"), ("dropout_W", "dropout"), ("dropout_U", "recurrent_dropout"),
      ("forget_bias_init", "unit_forget_bias"), ("atrous_rate", "dilation_rate"),
    ]
    switch className {
    case "Embedding":
      pairs += [("embeddings_initializer", "embeddings_initializer"), ("dropout", "rate")]
      pairs.removeAll {
        $0.0 == "init" || $0.0 == "W_regularizer" || $0.0 == "W_constraint" || $0.0 == "dropout"
      }
      pairs += [
        ("init", "embeddings_initializer"), ("W_regularizer", "embeddings_regularizer"),
        ("W_constraint", "embeddings_constraint"),
      ]
    case "Dense", "SimpleRNN", "GRU", "LSTM", "MaxoutDense", "Highway": pairs.append(("output_dim", "units"))
    case "MaxPooling1D", "AveragePooling1D": pairs.append(("stride", "strides"))
    case "UpSampling1D": pairs.append(("length", "size"))
    case "BatchNormalization":
      pairs += [
        ("beta_init", "beta_initializer"), ("gamma_init", "gamma_initializer"),
      ]
    case "LeakyReLU": pairs.append(("alpha", "negative_slope"))
    case "CategoryEncoding": pairs.append(("max_tokens", "num_tokens"))
    case "PReLU":
      pairs.removeAll { $0.0 == "init" }
      pairs.append(("init", "alpha_initializer"))
    default: break
    }
    return pairs
  }

  /// Defaults that Keras 3 changed; files of later versions of Keras 2 always say what it is.
  static func defaults(of className: String) -> [(String, JSON)] {
    switch className {
    case "LSTM", "LSTMCell", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "ConvLSTM1DCell", "ConvLSTM2DCell",
      "ConvLSTM3DCell":
      [("recurrent_activation", "hard_sigmoid")]
    case "GRU", "GRUCell": [("recurrent_activation", "hard_sigmoid"), ("reset_after", false)]
    // There was no other order.
    case "RandomCrop": [("data_format", "channels_last")]
    default: []
    }
  }

  /// Where no layer was given for the other direction, Keras 2 turned the one there is; Keras 3 makes one that goes
  /// backwards, whatever that does.
  static func addBackwardLayer(_ config: inout JSONObject) {
    guard config["backward_layer"]?.isNull ?? true, var object = config["layer"]?.object,
      var settings = object["config"]?.object
    else { return }
    settings["go_backwards"] = .bool(!(settings["go_backwards"]?.bool ?? false))
    if let name = settings["name"]?.string {
      settings["name"] = .string("backward_" + name.removing(prefix: "backward_"))
    }
    object["config"] = .object(settings)
    config["backward_layer"] = .object(object)
  }

  /// What older versions wrote that says nothing: the size of the first layer's input, and settings of others.
  static func meaningless(in className: String) -> [String] {
    switch className {
    case "Dense": ["input_dim"]
    case "MaxoutDense": ["input_dim", "bias_initializer"]
    case "Highway": ["input_dim", "bias_initializer", "transform_bias"]
    case "EinsumDense": ["gptq_unpacked_column_size"]
    case "Embedding", "ReversibleEmbedding": ["input_length", "weights", "rate", "dropout", "sparse"]
    case "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D": ["noise_shape"]
    case "Conv1D", "Conv2D", "Conv3D", "LocallyConnected1D", "LocallyConnected2D":
      ["input_dim", "input_length"]
    case "DepthwiseConv1D", "DepthwiseConv2D": ["input_dim", "input_length", "groups"]
    case "SeparableConv1D", "SeparableConv2D":
      [
        "input_dim", "input_length", "groups", "kernel_initializer", "kernel_regularizer",
        "kernel_constraint",
      ]
    case "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose":
      // Keras 1 stored the answer instead of the question.
      ["input_dim", "input_length", "groups", "output_shape"]
    case "SimpleRNN", "SimpleRNNCell": recurrent + ["implementation"]
    case "LSTM", "LSTMCell", "GRU", "GRUCell", "CuDNNLSTM": recurrent
    case "CuDNNGRU": recurrent + ["reset_after"]
    case "RNN", "ConvRNN2D": recurrent + ["implementation"]
    case "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D": recurrent + ["implementation", "groups"]
    case "ConvLSTM1DCell", "ConvLSTM2DCell", "ConvLSTM3DCell":
      recurrent + ["implementation", "groups", "rank"]
    // `mode` of Keras 1: 0 is all that was left of it; the others are settings of TensorFlow 1.
    case "BatchNormalization": ["mode", "fused", "virtual_batch_size", "adjustment"]
    case "Attention", "AdditiveAttention": ["causal"]
    // Sparse results are dense here; Keras does not write the setting either.
    case "CategoryEncoding": ["sparse"]
    case "Lambda":
      ["function_type", "output_shape_type", "output_shape_module", "mask_type", "mask_module", "module"]
    case "InputLayer": ["input_tensor"]
    case "Merge":
      [
        "node_indices", "tensor_indices", "output_shape", "output_shape_type", "mode_type", "output_mask",
        "output_mask_type", "layers", "arguments",
      ]
    case "TimeDistributed": ["input_dim", "input_length"]
    case "Bidirectional": ["input_dim", "input_length", "weights"]
    case "StringLookup", "IntegerLookup": ["has_input_vocabulary", "vocabulary_dtype"]
    // TF-Keras notes the shapes it was built for.
    case "MultiHeadAttention": ["query_shape", "key_shape", "value_shape", "softmax_robust_masking"]
    // Where TF-Keras takes its random numbers from.
    case let name where Layers.augmentationNames.contains(name): ["rng_type"]
    default: []
    }
  }

  /// How the numbers are computed elsewhere, and what the first layer of old models said of its input.
  private static let recurrent = ["use_cudnn", "consume_less", "input_dim", "input_length", "_num_constants"]

  /// `nb_row` and `nb_col` are one `kernel_size` now, and `tf`/`th` are `channels_last`/`channels_first`.
  static func joinSplitArguments(_ config: inout JSONObject) {
    for (first, second, third) in [("nb_row", "nb_col", ""), ("kernel_dim1", "kernel_dim2", "kernel_dim3")] {
      guard let a = config[first], let b = config[second], config["kernel_size"] == nil else { continue }
      var size = [a, b]
      if let c = config[third] { size.append(c) }
      config["kernel_size"] = .array(size)
      for key in [first, second, third] { config[key] = nil }
    }
    // Keras 1 named an initializer.
    switch config["unit_forget_bias"]?.string {
    case "one", "ones": config["unit_forget_bias"] = true
    case "zero", "zeros": config["unit_forget_bias"] = false
    default: break
    }
    switch config["data_format"]?.string {
    case "tf": config["data_format"] = "channels_last"
    case "th": config["data_format"] = "channels_first"
    default: break
    }
  }

  /// Names of choices that layers of categories had.
  static func renameChoices(_ config: inout JSONObject) {
    switch config["output_mode"]?.string {
    case "binary": config["output_mode"] = "multi_hot"
    case "tf-idf": config["output_mode"] = "tf_idf"
    default: break
    }
  }

  /// The activation that a file of `version` means.
  static func activation(_ name: String, _ version: KerasVersion) -> String {
    switch name {
    case "swish": "silu"
    case "hard_swish": "hard_silu"
    case "None": "linear"
    // Another function under the same name.
    case "hard_sigmoid" where version < .keras3: "keras2>hard_sigmoid"
    default: name
    }
  }

  static func activationSettings(_ settings: JSONObject, of name: String) -> JSONObject {
    guard name == "relu", let slope = settings["alpha"] else { return settings }
    return (["negative_slope": slope] as JSONObject).merging(settings)
  }

  /// Classes and functions of Keras 1 and 2.
  static let regularizers = [
    "L1L2Regularizer": "L1L2", "WeightRegularizer": "L1L2", "ActivityRegularizer": "L1L2",
    "activity_l1": "L1", "activity_l2": "L2", "activity_l1l2": "L1L2", "l1_l2": "L1L2",
  ]

  /// Brings the settings of an initializer, regularizer or constraint up to date.
  static func modernizeFunction(
    _ className: String, _ config: inout JSONObject, today name: String, from version: KerasVersion
  ) {
    func rename(_ old: String, _ new: String) {
      guard let value = config[old], config[new] == nil else { return }
      config[old] = nil
      config[new] = value
    }
    func setDefault(_ key: String, _ value: JSON) {
      if config[key] == nil { config[key] = value }
    }
    // Keras 2's initializers said it; weights have the type of their layer.
    config["dtype"] = nil
    switch name {
    case "RandomNormal": rename("scale", "stddev")
    case "RandomUniform":
      guard let scale = config["scale"]?.number else { break }
      config["scale"] = nil
      setDefault("minval", .number(-scale))
      setDefault("maxval", .number(scale))
    case "Orthogonal" where version == .keras1: setDefault("gain", 1.1)
    // Keras 2 says normal and means the truncated one.
    case "VarianceScaling" where config["distribution"]?.string?.lowercased() == "normal":
      config["distribution"] = "truncated_normal"
    case "GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal":
      for key in ["scale", "mode", "distribution"] { config[key] = nil }
    case "L1L2" where className == "l1_l2" || className == "activity_l1l2":
      setDefault("l1", 0.01)
      setDefault("l2", 0.01)
    case "MaxNorm": rename("m", "max_value")
    case "MinMaxNorm":
      rename("low", "min_value")
      rename("high", "max_value")
    default: break
    }
  }
}
