import numpy as np
import torch

def giou_loss(pred_boxes, target_boxes):
    p = pred_boxes.detach().cpu().numpy()
    t = target_boxes.cpu().numpy()
    area_p = (p[:, 2] - p[:, 0]) * (p[:, 3] - p[:, 1])
    area_t = (t[:, 2] - t[:, 0]) * (t[:, 3] - t[:, 1])
    lt = np.maximum(p[:, :2], t[:, :2])
    rb = np.minimum(p[:, 2:], t[:, 2:])
    wh = np.clip(rb - lt, 0, None)
    inter = wh[:, 0] * wh[:, 1]
    union = area_p + area_t - inter
    iou = inter / (union + 1e-7)
    lt_c = np.minimum(p[:, :2], t[:, :2])
    rb_c = np.maximum(p[:, 2:], t[:, 2:])
    wh_c = np.clip(rb_c - lt_c, 0, None)
    area_c = wh_c[:, 0] * wh_c[:, 1]
    giou = iou - (area_c - union) / (area_c + 1e-7)
    return torch.from_numpy(1 - giou).mean()
