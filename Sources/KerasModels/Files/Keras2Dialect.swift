import KerasLayers

/// An architecture as Keras 2 spelled it, for the older layout: Keras 3 reads it there, TF-Keras nothing else.
///
/// Keras 2 wrote neither modules nor shapes layers were built for, element types as plain names, `batch_input_shape`,
/// and calls as lists of places: `[[["conv2d", 0, 0, {}]]]`. What it had no words for, or what the two read in
/// different ways (calls of models inside the model, which they number differently; tensors as named arguments),
/// is spelled as Keras 3 does, and TF-Keras cannot open it.
enum Keras2Dialect {
  /// The same in the spelling of Keras 2; nil when that cannot say it.
  static func architecture(_ model: JSON) -> JSON? {
    guard let object = model.object, let config = object["config"]?.object,
      let entries = config["layers"]?.array
    else { return nil }
    var layers: [JSON] = []
    for entry in entries {
      guard let layer = self.layer(entry) else { return nil }
      layers.append(layer)
    }
    var spelled = config
    spelled["layers"] = .array(layers)
    if let type = config["dtype"] {
      guard let type = value(type) else { return nil }
      spelled["dtype"] = type
    }
    return ["class_name": object["class_name"] ?? .null, "config": .object(spelled)]
  }

  private static func layer(_ json: JSON) -> JSON? {
    guard !OperationLayer.isDescribed(by: json), var object = value(json)?.object else {
      return nil
    }
    // A user's class is known by its registered name.
    if let registered = object["registered_name"], !registered.isNull { object["class_name"] = registered }
    (object["module"], object["registered_name"]) = (nil, nil)
    if let name = json["name"] { object["name"] = name }
    guard let nodes = json["inbound_nodes"]?.array else { return .object(object) }
    var calls: [JSON] = []
    for node in nodes {
      guard let call = call(node) else { return nil }
      calls.append(call)
    }
    object["inbound_nodes"] = .array(calls)
    return .object(object)
  }

  // MARK: Objects

  /// An object and everything in it with old names. Objects inside layers keep their modules, without which Keras 3
  /// does not find layers inside layers; TF-Keras knows them.
  private static func value(_ json: JSON) -> JSON? {
    if let array = json.array {
      let elements = array.compactMap(value)
      return elements.count == array.count ? .array(elements) : nil
    }
    guard let object = json.object else { return json }
    guard let className = object["class_name"]?.string else { return settings(object) }
    if className == "DTypePolicy" { return object["config"]?["name"] }
    guard !inexpressible.contains(className), let config = object["config"]?.object,
      let known = knownSettings(config, of: className), let settings = settings(known)
    else { return nil }
    var spelled = object
    spelled["config"] = settings
    spelled["build_config"] = nil
    return .object(spelled)
  }

  private static func settings(_ object: JSONObject) -> JSON? {
    var spelled = JSONObject()
    for (key, setting) in object {
      guard let setting = value(setting) else { return nil }
      spelled[key] = setting
    }
    return .object(spelled)
  }

  /// Old names, without what is new and says nothing; nil where it says something.
  private static func knownSettings(_ config: JSONObject, of className: String) -> JSONObject? {
    var config = config
    // TF-Keras crops predictions, Keras 3 leaves them alone.
    if className == "RandomCrop", config["crop_rule"] == nil { return nil }
    for (key, meaningless) in newSettings + (newSettingsByClass[className] ?? []) {
      guard let setting = config[key] else { continue }
      guard meaningless.contains(setting) else { return nil }
      config[key] = nil
    }
    // TF-Keras takes it, but does not always expect it.
    if config["zero_output_for_mask"] == false { config["zero_output_for_mask"] = nil }
    // Another function under the same name: 0.2 x + 0.5 in place of x / 6 + 0.5.
    guard config["activation"] != "hard_sigmoid", config["recurrent_activation"] != "hard_sigmoid" else {
      return nil
    }
    if let (old, new) = oldNames[className], let setting = config[new] {
      config[new] = nil
      config[old] = setting
    }
    return config
  }

  /// Classes that TF-Keras has not, and those that hold models or programs.
  private static let inexpressible: Set = [
    "Functional", "Sequential", "Lambda", "function", "__keras_tensor__", "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D", "AdaptiveAveragePooling3D", "AdaptiveMaxPooling1D", "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D", "GroupQueryAttention", "GroupedQueryAttention", "RMSNormalization",
    "ReversibleEmbedding", "MaxoutDense", "Highway", "SReLU", "ParametricSoftplus", "AugMix", "CutMix",
    "MaxNumBoundingBoxes", "MixUp", "Pipeline", "RandAugment", "RandomColorDegeneration", "RandomColorJitter",
    "RandomElasticTransform", "RandomErasing", "RandomGaussianBlur", "RandomGrayscale", "RandomHue", "RandomInvert",
    "RandomPerspective", "RandomPosterization", "RandomSaturation", "RandomSharpness", "RandomShear", "Solarization",
  ]

  private static let oldNames = [
    "InputLayer": (old: "batch_input_shape", new: "batch_shape"),
    "LeakyReLU": (old: "alpha", new: "negative_slope"),
  ]

  private typealias Setting = (key: String, meaningless: [JSON])

  /// What Keras 3 added, and the values that mean what Keras 2 did anyway.
  private static let newSettings: [Setting] = [
    ("mask_rule", ["keras2"]), ("crop_rule", ["keras2"]), ("lora_rank", [.null]), ("lora_alpha", [.null]), ("quantization_config", [.null]),
    ("use_cudnn", ["auto"]),
    ("gptq_unpacked_column_size", [.null]), ("bounding_box_format", [.null]),
    ("sliding_window", [.null]), ("flash_attention", [.null, false]), ("use_gate", [false]),
    ("salt", [.null]), ("oov_method", ["floormod"]), ("input_axes", [.null]), ("output_axes", [.null]),
  ]

  private static let newSettingsByClass: [String: [Setting]] = {
    let lastChannels: [JSON] = [.null, "channels_last"]
    var settings: [String: [Setting]] = [
      "ZeroPadding1D": [("data_format", lastChannels)],
      "CenterCrop": [("data_format", lastChannels)],
      "Resizing": [
        ("data_format", lastChannels), ("antialias", [false]), ("pad_to_aspect_ratio", [false]),
        ("fill_mode", ["constant"]), ("fill_value", [.number(0), .integer(0)]),
      ],
      "InputLayer": [("optional", [false])],
      "MultiHeadAttention": [("seed", [.null])],
    ]
    for name in ["Brightness", "Contrast", "Crop", "Flip", "Rotation", "Translation", "Zoom"] {
      settings["Random" + name] = [("data_format", lastChannels)]
    }
    settings["RandomContrast"]?.append(("value_range", [.null, [0, 255]]))
    for name in ["SimpleRNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"] {
      settings[name] = [("seed", [.null])]
    }
    return settings
  }()

  // MARK: Calls

  /// From `{"args": […], "kwargs": {…}}` to `[[layer, call, output, {…}], …]`.
  private static func call(_ node: JSON) -> JSON? {
    guard let arguments = node["args"]?.array, arguments.count == 1, var options = node["kwargs"]?.object,
      options.allSatisfy({ isPlain($0.value) })
    else { return nil }
    // It does so anyway.
    options[JSON.keepsTraining] = nil
    let tensors = arguments[0].array ?? [arguments[0]]
    var places: [JSON] = []
    for tensor in tensors {
      guard let place = tensor["config"]?["keras_history"]?.array, place.count == 3 else {
        return nil
      }
      places.append(.array(place + [.object(options)]))
    }
    return .array(places)
  }

  private static func isPlain(_ json: JSON) -> Bool { json.array == nil && json.object == nil }
}
