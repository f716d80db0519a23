import KerasLayers

extension TensorFlowFunction {
  /// Every function that is known, by its name without `tf.`.
  static let all: [String: TensorFlowFunction] = {
    var all: [String: TensorFlowFunction] = [:]
    for table in [ofOne, ofTwo, reductions, shapes, others] { all.merge(table) { first, _ in first } }
    // Under the names of TensorFlow 1 and today's.
    for name in ["transpose", "squeeze", "pad", "gather", "shape", "norm"] {
      all["compat.v1.\(name)"] = all[name]
    }
    return all
  }()

  private static func one(
    _ className: String, _ parameter: String = "x", settings: [String: String] = [:],
    defaults: JSONObject = [:],
    fixed: JSONObject = [:]
  ) -> TensorFlowFunction {
    let name = OperationKind.all[className]?.parameterNames.first ?? "x"
    return TensorFlowFunction(
      className: className, tensors: [(parameter, name)], settings: settings, defaults: defaults, fixed: fixed
    )
  }

  private static func two(_ className: String, _ first: String = "x", _ second: String = "y")
    -> TensorFlowFunction
  {
    TensorFlowFunction(className: className, tensors: [(first, "x1"), (second, "x2")])
  }

  private static func changing(
    _ function: TensorFlowFunction,
    _ convert: @escaping @Sendable (inout JSONObject) throws(KerasError) -> Void
  ) -> TensorFlowFunction {
    var function = function
    function.convert = convert
    return function
  }

  private static let ofOne: [String: TensorFlowFunction] = {
    var table: [String: TensorFlowFunction] = [:]
    let names = [
      "abs": "Absolute", "negative": "Negative", "square": "Square", "sqrt": "Sqrt", "rsqrt": "Rsqrt",
      "exp": "Exp",
      "expm1": "Expm1", "log": "Log", "log1p": "Log1p", "sign": "Sign", "floor": "Floor", "ceil": "Ceil",
      "round": "Round", "sin": "Sin", "cos": "Cos", "tan": "Tan", "asin": "Arcsin", "acos": "Arccos",
      "atan": "Arctan", "sinh": "Sinh", "cosh": "Cosh", "tanh": "Tanh", "erf": "Erf",
      "reciprocal": "Reciprocal",
      "sigmoid": "Sigmoid", "softplus": "Softplus", "log_sigmoid": "LogSigmoid", "logical_not": "LogicalNot",
      "is_nan": "Isnan",
    ]
    for (name, className) in names { table["math.\(name)"] = one(className) }
    let activations = [
      "relu": "Relu", "relu6": "Relu6", "elu": "Elu", "selu": "Selu", "softsign": "Softsign",
      "sigmoid": "Sigmoid",
      "tanh": "Tanh", "softplus": "Softplus",
    ]
    for (name, className) in activations { table["nn.\(name)"] = one(className, "features") }
    table["nn.silu"] = one("Silu", "features", fixed: ["beta": 1])
    table["nn.swish"] = table["nn.silu"]
    table["nn.gelu"] = one(
      "Gelu", "features", settings: ["approximate": "approximate"], defaults: ["approximate": false])
    table["nn.leaky_relu"] = one("LeakyRelu", "features", settings: ["alpha": "negative_slope"])
    table["nn.softmax"] = one("Softmax", "logits", settings: ["axis": "axis"])
    table["nn.log_softmax"] = one("LogSoftmax", "logits", settings: ["axis": "axis"])
    table["clip_by_value"] = one(
      "Clip", "t", settings: ["clip_value_min": "x_min", "clip_value_max": "x_max"])
    table["cast"] = one("Cast", settings: ["dtype": "dtype"])
    table["identity"] = one("Copy", "input")
    table["stop_gradient"] = one("StopGradient", "input")
    table["zeros_like"] = one("ZerosLike", "input", settings: ["dtype": "dtype"])
    table["ones_like"] = one("OnesLike", "input", settings: ["dtype": "dtype"])
    return table
  }()

  private static let ofTwo: [String: TensorFlowFunction] = {
    var table: [String: TensorFlowFunction] = [:]
    let names = [
      "add": "Add", "subtract": "Subtract", "multiply": "Multiply", "truediv": "TrueDivide",
      "divide": "TrueDivide",
      "divide_no_nan": "DivideNoNan", "floordiv": "FloorDivide", "floormod": "Mod", "mod": "Mod",
      "pow": "Power",
      "maximum": "Maximum", "minimum": "Minimum", "equal": "Equal", "not_equal": "NotEqual", "less": "Less",
      "less_equal": "LessEqual", "greater": "Greater", "greater_equal": "GreaterEqual",
      "logical_and": "LogicalAnd",
      "logical_or": "LogicalOr", "logical_xor": "LogicalXor",
    ]
    for (name, className) in names { table["math.\(name)"] = two(className) }
    table["__operators__.add"] = two("Add")
    table["__operators__.eq"] = two("Equal", "self", "other")
    table["__operators__.ne"] = two("NotEqual", "self", "other")
    table["compat.v1.floor_div"] = two("FloorDivide")
    table["math.atan2"] = two("Arctan2", "y", "x")
    table["nn.bias_add"] = two("Add", "value", "bias")
    var product = two("Matmul", "a", "b")
    product.settings = ["transpose_a": "transpose_a", "transpose_b": "transpose_b"]
    product.fixed = ["adjoint_a": false, "adjoint_b": false, "a_is_sparse": false, "b_is_sparse": false]
    product.preparation = { settings in
      var steps: [Step] = []
      for (factor, parameter) in [("transpose_a", "x1"), ("transpose_b", "x2")] {
        if settings[factor] == true {
          steps.append(
            Step(parameter: parameter, className: "Swapaxes", settings: ["axis1": -1, "axis2": -2]))
        }
        settings[factor] = nil
      }
      return steps
    }
    table["linalg.matmul"] = product
    table["where"] = TensorFlowFunction(
      className: "Where", tensors: [("condition", "condition"), ("x", "x1"), ("y", "x2")])
    return table
  }()

  private static let reductions: [String: TensorFlowFunction] = {
    var table: [String: TensorFlowFunction] = [:]
    let names = [
      "mean": "Mean", "sum": "Sum", "max": "Max", "min": "Min", "prod": "Prod", "std": "Std",
      "variance": "Var",
      "logsumexp": "Logsumexp", "any": "Any", "all": "All",
    ]
    for (name, className) in names {
      table["math.reduce_\(name)"] = one(
        className, "input_tensor", settings: ["axis": "axis", "keepdims": "keepdims"])
    }
    let along = ["axis": "axis"]
    // TensorFlow counts positions in 64 bits unless asked; here they have 32.
    for (name, className) in ["argmax": "Argmax", "argmin": "Argmin"] {
      var function = one(className, "input", settings: along, defaults: ["axis": 0])
      function.settings["output_type"] = "output_type"
      table["math.\(name)"] = changing(function) { $0["output_type"] = nil }
    }
    for (name, className) in ["cumsum": "Cumsum", "cumprod": "Cumprod"] {
      table["math.\(name)"] = one(
        className, settings: ["axis": "axis", "exclusive": "exclusive", "reverse": "reverse"],
        defaults: ["axis": 0])
    }
    table["norm"] = one("Norm", "tensor", settings: ["ord": "ord", "axis": "axis", "keepdims": "keepdims"])
    // The bound is one of the square there.
    table["math.l2_normalize"] = changing(
      one("Normalize", settings: ["axis": "axis", "epsilon": "epsilon"], defaults: ["epsilon": 1e-12])
    ) { (settings) throws(KerasError) in
      guard settings["axis"] != nil, let bound = settings["epsilon"]?.number, bound >= 0 else {
        throw KerasError(.unsupported, "Tensors are normalized along axes, with a bound from 0.")
      }
      settings["epsilon"] = .number(bound.squareRoot())
    }
    table["linalg.l2_normalize"] = table["math.l2_normalize"]
    table["nn.l2_normalize"] = table["math.l2_normalize"]
    return table
  }()

  private static let shapes: [String: TensorFlowFunction] = [
    "reshape": changing(one("Reshape", "tensor", settings: ["shape": "newshape"])) {
      (settings) throws(KerasError) in
      // A length that is computed follows from the others.
      let lengths = (settings["newshape"]?.array ?? []).map { $0.integer == nil ? -1 : $0 }
      if !lengths.isEmpty { settings["newshape"] = .array(lengths) }
    },
    "shape": one("Shape", "input", fixed: ["out_type": "int32"]),
    "transpose": one("Transpose", "a", settings: ["perm": "axes"], fixed: ["conjugate": false]),
    "expand_dims": one("ExpandDims", "input", settings: ["axis": "axis"]),
    "squeeze": one("Squeeze", "input", settings: ["axis": "axis", "squeeze_dims": "axis"]),
    "concat": one("Concatenate", "values", settings: ["axis": "axis"]),
    "stack": one("Stack", "values", settings: ["axis": "axis"]),
    "unstack": one("Unstack", "value", settings: ["axis": "axis", "num": "num"]),
    "split": changing(
      one("Split", "value", settings: ["num_or_size_splits": "indices_or_sections", "axis": "axis"])
    ) { (settings) throws(KerasError) in
      guard let sizes = settings["indices_or_sections"]?.array else { return }
      var (positions, end): ([JSON], Int) = ([], 0)
      for size in sizes {
        guard let length = size.integer, length >= 0, end <= 1 << 40, length <= 1 << 40 else {
          throw KerasError(.unsupported, "Parts have lengths from 0, found \(size.excerpt).")
        }
        end += length
        positions.append(.integer(end))
      }
      settings["indices_or_sections"] = .array(positions.dropLast())
    },
    "tile": one("Tile", "input", settings: ["multiples": "repeats"]),
    "repeat": one("Repeat", "input", settings: ["repeats": "repeats", "axis": "axis"]),
    "pad": changing(
      one(
        "Pad", "tensor",
        settings: ["paddings": "pad_width", "mode": "mode", "constant_values": "constant_values"])
    ) { (settings) throws(KerasError) in
      guard let mode = settings["mode"]?.string else { return }
      settings["mode"] = .string(mode.lowercased())
    },
    "slice": one("Slice", "input_", settings: ["begin": "start_indices", "size": "shape"]),
    "broadcast_to": one("BroadcastTo", "input", settings: ["shape": "shape"]),
    "reverse": one("Flip", "tensor", settings: ["axis": "axis"]),
    "roll": one("Roll", "input", settings: ["shift": "shift", "axis": "axis"]),
    "__operators__.getitem": changing(one("GetItem", settings: ["slice_spec": "key"])) {
      (settings) throws(KerasError) in
      let items = settings["key"]?.array ?? settings["key"].map { [$0] } ?? [.null]
      settings["key"] = .array(items.map(keras3Slice))
    },
  ]

  private static let others: [String: TensorFlowFunction] = [
    "gather": TensorFlowFunction(
      className: "Take", tensors: [("params", "x"), ("indices", "indices")], settings: ["axis": "axis"],
      defaults: ["axis": 0], fixed: ["batch_dims": 0, "validate_indices": false]),
    "one_hot": one(
      "OneHot", "indices", settings: ["depth": "num_classes", "axis": "axis", "dtype": "dtype"],
      fixed: ["on_value": 1, "off_value": 0]),
    "math.top_k": one("TopK", "input", settings: ["k": "k"], defaults: ["k": 1], fixed: ["sorted": true]),
    "image.resize": {
      var function = one(
        "Resize", "images", settings: ["size": "size", "method": "interpolation", "antialias": "antialias"],
        fixed: ["preserve_aspect_ratio": false])
      // Keras keeps the type of the pictures.
      function.preparation = { settings in
        let isNearest = settings["interpolation"] == "nearest"
        return isNearest ? [] : [Step(parameter: "images", className: "Cast", settings: ["dtype": "float32"])]
      }
      return function
    }(),
    "nn.depth_to_space": one(
      "DepthToSpace", "input", settings: ["block_size": "block_size"], fixed: ["data_format": "NHWC"]),
    "nn.space_to_depth": one(
      "SpaceToDepth", "input", settings: ["block_size": "block_size"], fixed: ["data_format": "NHWC"]),
    "nn.max_pool2d": pooling("MaxPool"), "nn.avg_pool2d": pooling("AveragePool"),
  ]

  private static func pooling(_ className: String) -> TensorFlowFunction {
    changing(
      one(
        className, "input", settings: ["ksize": "pool_size", "strides": "strides", "padding": "padding"],
        fixed: ["data_format": "NHWC"])
    ) { (settings) throws(KerasError) in
      if let padding = settings["padding"]?.string { settings["padding"] = .string(padding.lowercased()) }
    }
  }

  /// `{"start": 1, "stop": null, "step": null}` as Keras 3 stores it.
  private static func keras3Slice(_ item: JSON) -> JSON {
    guard let bounds = item.object, bounds["class_name"] == nil else { return item }
    return ["class_name": "__slice__", "config": .object(bounds)]
  }
}
